"""The user's own frame is found in the calls around it."""

from __future__ import annotations

from zgtui.instrument.sites import MAX_CODES, innermost, site_of

LOOK = "file = site_of(innermost()).file"


def file_seen_from(file: str) -> str:
    """Whose frame is taken for the user's where code of ``file`` asks."""
    names = {"site_of": site_of, "innermost": innermost}
    exec(compile(LOOK, file, "exec"), names)
    return str(names["file"])


def test_a_frame_of_an_installed_library_is_not_the_users() -> None:
    assert file_seen_from("/usr/lib/site-packages/trainer/loop.py") == __file__
    assert file_seen_from("/home/me/train.py") == "/home/me/train.py"


def test_a_frame_is_known_also_after_more_code_than_is_remembered() -> None:
    for number in range(MAX_CODES + 2):
        library = f"/usr/lib/site-packages/made_{number}.py"
        assert file_seen_from(f"cell_{number}.py") == f"cell_{number}.py"
        assert number % 8 or file_seen_from(library) == __file__
