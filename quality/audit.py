"""What may stand in a reason: the history keeps it in plain text for ever."""

from audit.reasons import register_validator
from quality.validators import validate_no_card_number, validate_no_control_characters

register_validator(validate_no_control_characters)
register_validator(validate_no_card_number)
