"""Damaged and odd forms: each is refused in our words, and file names are only data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.service import multipart
from inkdigits.service.problems import Problem

from .harness import CLASSIFY, MARK, PNG, Service, check


def part(name: str, value: bytes = PNG, file: str | None = "x.png") -> bytes:
    ending = f'; filename="{file}"' if file else ""
    head = f'--B\r\nContent-Disposition: form-data; name="{name}"{ending}\r\n\r\n'
    return head.encode() + value + b"\r\n"


END = b"--B--\r\n"
FORM = "multipart/form-data; boundary=B"
FORM_CASES = {
    "no boundary": ("multipart/form-data", part("image") + END, 400),
    "long boundary": (f"multipart/form-data; boundary={'b' * 100}", part("image") + END, 400),
    "other boundary": ("multipart/form-data; boundary=C", part("image") + END, 400),
    "truncated": (FORM, part("image")[:-5], 400),
    "no closing boundary": (FORM, part("image"), 400),
    "empty": (FORM, b"", 400),
    "two files": (FORM, part("image") * 2 + END, 400),
    "two texts": (FORM, part("image") + part("seen", b"true", None) * 2 + END, 400),
    "1001 parts": (FORM, b"".join(part(f"p{i}") for i in range(1001)) + END, 400),
    "part without a name": (FORM, b"--B\r\nX: y\r\n\r\nz\r\n" + END, 400),
    "long header": (FORM, b"--B\r\nX: " + b"y" * 100_000 + b"\r\n\r\nz\r\n" + END, 400),
    "wrong name": (FORM, part(MARK + "/") + END, 422),
    "text for a file": (FORM, part("image", PNG, None) + END, 422),
    "no parts": (FORM, END, 422),
    "top_k in words": (FORM, part("image") + part("top_k", MARK.encode(), None) + END, 422),
    "top_k in other digits": (FORM, part("image") + part("top_k", "٣".encode(), None) + END, 422),
    **{
        f"coverage of {text!r}": (FORM, part("image") + part("coverage", text, None) + END, 422)
        for text in (b"", b".", b"nan", b"1e-1", b"-0.9", b"1", b"0.5", "٠.٩".encode(), b"0.9 ")
    },
    "coverage as a file": (FORM, part("image") + part("coverage", b"0.9") + END, 422),
    "seen in numbers": (FORM, part("image") + part("seen", b"1", None) + END, 422),
}


@pytest.mark.parametrize("name", FORM_CASES)
def test_multipart(service: Service, name: str) -> None:
    kind, body, status = FORM_CASES[name]
    answer = service.post(CLASSIFY, content=body, headers={"Content-Type": kind})
    check(service, answer, status, "malformed-multipart" if status == 400 else "invalid-field")


def test_nul_in_a_file_name_is_data(service: Service) -> None:
    body = part("image", file="a\0b.png") + END
    answer = service.post(CLASSIFY, content=body, headers={"Content-Type": FORM})
    assert answer.status_code in (200, 400)
    assert service.get("/livez").status_code == 200


@given(
    st.text(max_size=50),
    st.lists(
        st.sampled_from(
            [
                b"--B",
                b"--B--",
                b"\r\n",
                b"\r\n\r\n",
                b"Content-Disposition: form-data; name=a",
                b"; filename=b",
                b"x",
            ]
        )
    ),
)
def test_form_parser_refuses_or_answers(kind: str, pieces: list[bytes]) -> None:
    for content_type in (FORM, kind.encode("latin-1", "replace").decode("latin-1")):
        try:
            multipart.parse(content_type, b"".join(pieces), 5)
            status = 200
        except Problem as problem:
            status = problem.status
        assert status in (200, 400)
