"""What browsers may send about accounts, and the kinds of text that all forms about people share."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationInfo

from server.accounts.actions import name_rule, password_fault
from server.accounts.names import is_name, plain_name
from server.language import gettext as _
from server.web.forms import Form

PASSWORD_FIELDS = frozenset({"password", "current_password", "code"})


def _without_controls(text: str) -> str:
    """Databases refuse some of these characters, and a reader sees none of them."""
    kept = (char for char in text if char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"})
    return "".join(kept)


def _one_line(text: str) -> str:
    line = " ".join(_without_controls(text).split())
    if not line:
        raise ValueError(_("Please fill this in."))
    return line


def _sign_in_name(text: str) -> str:
    name = plain_name(text)
    if not is_name(name):
        raise ValueError(name_rule())
    return name


def _strong(password: str, info: ValidationInfo) -> str:
    fault = password_fault(password, info.data.get("name", ""))
    if fault:
        raise ValueError(fault)
    return password


Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_one_line)]
ShortLine = Annotated[str, StringConstraints(max_length=80), AfterValidator(_one_line)]
Paragraphs = Annotated[str, StringConstraints(max_length=5_000), AfterValidator(_without_controls)]
SignInName = Annotated[str, AfterValidator(_sign_in_name)]


class SignInForm(BaseModel):
    """A name and a password at the door, and where to go behind it; a code where both come at once."""

    name: str
    password: str
    code: str = ""
    next: str = "/"
    form_token: Annotated[str, Field(max_length=64)] = ""


class NewPersonForm(BaseModel):
    """Somebody who makes their own account. Everything wrong with it is said at once."""

    name: SignInName
    display_name: ShortLine
    password: Annotated[str, AfterValidator(_strong)]


class KnownPersonForm(BaseModel):
    """Somebody whom the identity provider knows, and who makes an account without a password."""

    name: SignInName
    display_name: ShortLine


class CodeForm(BaseModel):
    """The second step at the door, and where to go behind it."""

    code: str
    next: str = "/"


class OwedStepForm(BaseModel):
    """A second step that somebody adds on the way in."""

    secret: str
    code: str
    next: str = "/"


class AddStepForm(BaseModel):
    """A second step that somebody adds to their own account."""

    secret: str
    code: str
    password: str


class PasswordForm(BaseModel):
    """The present password of somebody who changes how they sign in."""

    password: str


class NewPasswordForm(BaseModel):
    """A new password from a reset link."""

    password: str


class ChangePasswordForm(BaseModel):
    """A new password of somebody who knows the old one."""

    current_password: str
    password: str


class ProfileForm(BaseModel):
    """What people change about their own account."""

    display_name: ShortLine
    language: str = ""


class NewAccountForm(BaseModel):
    """An account that an admin makes for somebody."""

    name: SignInName
    display_name: ShortLine
    may_create_projects: bool = False
    is_admin: bool = False


class RightsForm(BaseModel):
    """What an account may do on this server."""

    may_create_projects: bool = False
    is_admin: bool = False


def without_passwords(form: Form[Any], names: Iterable[str] = PASSWORD_FIELDS) -> Form[Any]:
    """The form to show again: what was typed is kept, except the passwords."""
    hidden = set(names)
    return replace(form, typed={name: texts for name, texts in form.typed.items() if name not in hidden})


def local_path(text: str) -> str:
    """`text` where it is an address on this server, else the first page: nobody is sent elsewhere."""
    return text if re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", text) else "/"
