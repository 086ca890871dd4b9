"""A name is found however it is spoken, spelt or written; a person by whatever reaches them."""

import pytest
from django.urls import reverse

from customers.models import ContactPoint, Customer
from customers.models.choices import ContactKind, Messenger
from customers.models.han import simplified
from customers.models.names import parts_of, readings
from customers.search import find_customers
from staff.models import User
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, organisation, person, somebody_acts, staff

anybody = User()
needs_database = pytest.mark.django_db


def found(term: str) -> list[Customer]:
    return list(find_customers(term, anybody))


def reach(customer, kind, value, **values):
    with somebody_acts():
        point = ContactPoint(customer=customer, kind=kind, value=value, **values)
        point.save()
    return point


@needs_database
@pytest.mark.parametrize(
    "term",
    [
        "zhang",
        "zhangwei",
        "zhang wei",
        "wei zhang",
        "Zhang Wei",
        "ZHĀNG WĚI",
        "zhang w",
        "张",
        "張",
    ],
)
def test_zhang_wei_is_found_as_he_is_spoken_and_in_either_script(term):
    customer = person(**ZHANG_WEI)
    person(given_name="芳", family_name="李")
    person(given_name="Anna", family_name="Schmidt")
    assert found(term) == [customer]


@needs_database
@pytest.mark.parametrize("term", ["张伟", "張偉", "张", "zhangwei", "偉"])
def test_a_name_in_traditional_characters_is_found_by_simplified_ones_and_back(term):
    customer = person(family_name="張", given_name="偉")
    assert found(term) == [customer]


@needs_database
@pytest.mark.parametrize(
    ("family", "given", "terms", "not_terms"),
    [
        ("单", "雄信", ["shan xiongxin", "shanxiongxin", "shan xiong xin"], ["dan"]),
        ("曾", "国藩", ["zeng guofan", "zengguofan"], ["ceng"]),
        ("仇", "英", ["qiu ying"], ["chou"]),
        ("解", "缙", ["xie jin"], ["jie"]),
        ("查", "良镛", ["zha liangyong"], ["cha"]),
        ("區", "志强", ["ou zhiqiang", "区志强"], ["qu"]),
        ("任", "正非", ["ren zhengfei"], []),
        ("覃", "芳", ["qin fang", "tan fang"], []),
        ("欧阳", "修", ["ouyang xiu", "ouyangxiu", "欧阳"], []),
        ("尉迟", "恭", ["yuchi gong"], ["weichi"]),
        ("长孙", "无忌", ["zhangsun wuji", "zhang sun wu ji"], ["changsun"]),
        ("吕", "布", ["lv bu", "lu bu", "lü bu", "lyu bu", "lyubu"], []),
        ("李", "乐", ["li le", "li yue"], []),
    ],
)
def test_a_family_name_is_read_as_a_family_name(family, given, terms, not_terms):
    customer = person(family_name=family, given_name=given)
    for term in terms:
        assert found(term) == [customer], term
    for term in not_terms:
        assert found(term) == [], term


@needs_database
def test_a_whole_chinese_name_in_one_field_is_found_as_well():
    customer = person(family_name="单小明", given_name="")
    for term in ("shanxiaoming", "xiaoming", "ming", "单小明"):
        assert found(term) == [customer], term


@needs_database
@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("Müller", ["Müller", "muller", "MUELLER", "mue", "mü"]),
        ("Mueller", ["Mueller", "müller", "mül"]),
        ("Lefèvre", ["lefevre", "Lefèvre", "LEFÈVRE"]),
        ("Weiß", ["weiss", "Weiß", "weis"]),
        ("Sørensen", ["sorensen", "soerensen", "Sørensen", "Sörensen"]),
        ("Ångström", ["angstrom", "aangstroem", "Ångström"]),
        ("Łukasz", ["lukasz"]),
        ("Nuñez", ["nunez"]),
    ],
)
def test_accents_are_typed_left_out_or_spelt_out(name, terms):
    customer = person(family_name=name, given_name="X")
    person(family_name="Somebody", given_name="Else")
    for term in terms:
        assert found(term) == [customer], term


@needs_database
@pytest.mark.parametrize("term", ["boyuan", "boyuankeji", "博远", "杭州博远", "hangzhou", "科技"])
def test_a_chinese_organisation_is_found_from_the_middle_of_its_name(term):
    company = organisation("杭州博远科技有限公司")
    organisation("上海光学仪器厂")
    assert found(term) == [company]


@needs_database
@pytest.mark.parametrize("term", ["有限公司", "youxiangongsi", "公司"])
def test_what_every_company_is_called_finds_none_of_them(term):
    organisation("杭州博远科技有限公司")
    assert found(term) == []


def test_an_index_says_nothing_twice():
    assert parts_of("伟", "张", "") == {b"wei", b"zhangwei", "伟".encode(), "张伟".encode()}
    assert parts_of("Anna", "Schmidt", "") == {b"anna", b"schmidt"}


def test_nothing_is_made_simpler_that_is_not_chinese():
    assert simplified("Müller Ωμέγα 가나다 ひらがな") == "Müller Ωμέγα 가나다 ひらがな"


def test_a_term_is_read_in_every_way_that_says_more():
    assert readings("") == []
    assert readings("Anna anna SCHMIDT") == [("anna", "schmidt")]
    assert readings("Müll") == [("mull",), ("muell",)]
    assert readings("張偉") == [("张伟",), ("張偉",)]
    assert readings("ß") == [("ss",)]


@needs_database
@pytest.mark.parametrize(
    ("kind", "value", "terms", "more"),
    [
        (
            ContactKind.EMAIL,
            "second@example.com",
            ["second@example.com", "SECOND@Example.com "],
            {},
        ),
        (
            ContactKind.PHONE,
            "+8613900001111",
            ["+86 139 0000 1111", "139 0000 1111", "13900001111"],
            {},
        ),
        (
            ContactKind.MESSENGER,
            "zhangwei_88",
            ["zhangwei_88", "@ZhangWei_88"],
            {"messenger": Messenger.WECHAT},
        ),
    ],
)
def test_a_customer_is_found_by_what_else_reaches_them(kind, value, terms, more):
    customer = person(country="CN")
    person(given_name="Other", country="DE")
    reach(customer, kind, value, **more)
    for term in terms:
        assert found(term) == [customer], term


@needs_database
def test_a_name_in_a_messenger_hides_nobody_of_that_name():
    one, other = person(given_name="Bob", family_name="Smith"), person(given_name="Anna")
    reach(one, ContactKind.MESSENGER, "anna", messenger=Messenger.TELEGRAM)
    assert set(found("anna")) == {one, other}


@needs_database
def test_whoever_is_in_the_bin_is_not_found_by_a_further_address():
    customer = person()
    reach(customer, ContactKind.EMAIL, "second@example.com")
    with somebody_acts():
        Customer.objects.filter(pk=customer.pk).audited_set(binned_at="2026-01-01T00:00:00Z")
    assert found("second@example.com") == []


@needs_database
def test_no_further_address_reaches_the_database_as_it_is_written(django_assert_max_num_queries):
    reach(person(), ContactKind.EMAIL, "second@example.com")
    with django_assert_max_num_queries(6) as queries:
        assert len(found("second@example.com")) == 1
    assert "second@" not in " ".join(query["sql"] for query in queries.captured_queries)


@needs_database
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_every_role_finds_everybody_and_sees_by_the_matrix(client, role):
    customer = person(owner=staff("owner", Role.SALES), email="first@example.com")
    reach(customer, ContactKind.EMAIL, "second@example.com")
    client.force_login(staff(role.value, role))
    page = client.post(reverse("admin:customers_customer_search"), {"term": "second@example.com"})
    assert customer.number in page.text
    assert "first@example.com" not in page.text
