"""One deed on many customers: asked for, done portion by portion in a job, undone for 30 days.

Here: what each deed does to one customer and how it is taken back, who may, and the jobs. Not
here: the pages (`customers/admin/`) and which customers are meant (`customers/selection.py`).
"""
