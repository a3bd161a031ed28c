"""Wrong configurations: every fault is named once, by file, line and place, and nothing is lost.

Each file in ``tests/config/invalid`` says in its first lines what ``check --offline`` must answer,
a line a fault: ``# expect: LINE: PATH: the beginning of the message``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.worlds.commands import Outcome, run_here, run_process

FOLDER = Path(__file__).with_name("invalid")
FILES = sorted(FOLDER.glob("*.yaml"))
_EXPECT = "# expect: "


def _expected(file: Path) -> list[str]:
    """The beginnings of the lines that must be printed."""
    lines = []
    for line in file.read_bytes().decode(errors="replace").splitlines():
        if not line.startswith(_EXPECT):
            break
        number, _, rest = line.removeprefix(_EXPECT).partition(": ")
        lines.append(f"{file}: {rest}" if number == "-" else f"{file}:{number}: {rest}")
    return lines


def _faults(outcome: Outcome) -> list[str]:
    assert outcome.code == 2
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    return [line for line in outcome.err.splitlines() if not line.startswith("warning: ")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_fault_is_named(file: Path) -> None:
    faults = _faults(run_here("check", "--offline", "--config", file))
    expected = _expected(file)
    assert expected, "the file does not say what is expected"
    assert len(faults) == len(expected), faults
    for fault, beginning in zip(faults, expected, strict=True):
        assert fault.startswith(beginning)


def test_other_commands_name_the_same_faults() -> None:
    file = FOLDER / "several_at_once.yaml"
    for command in (["measure", "--period", "2020"], ["poll"], ["run"], ["explain", "urgent",
                    "--period", "2020"]):  # fmt: skip
        faults = _faults(run_here(*command, "--config", file))
        assert len(faults) == len(_expected(file))


def test_as_a_process(tmp_path: Path) -> None:
    file = FOLDER / "plain_token.yaml"
    outcome = run_process(["check", "--offline", "--config", str(file)], cwd=tmp_path)
    assert _faults(outcome)[0].startswith(_expected(file)[0])
    assert "abcdef0123456789" not in outcome.err


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_secret_is_repeated(file: Path) -> None:
    outcome = run_here("check", "--offline", "--config", file)
    for secret in ("abcdef0123456789", "hush-hush"):
        assert secret not in outcome.err


def _check(file: Path) -> list[str]:
    return _faults(run_here("check", "--offline", "--config", file))


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    file = tmp_path / "a.yaml"
    text = "contains no settings; see config/servicedesk.yaml for a complete example"
    assert _check(file) == [f"{file}: {text}"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01", b"timezone: \xc5\n", bytes(range(256))])
def test_binary_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    assert _check(tmp_path / "a.yaml") == [
        f"{tmp_path / 'a.yaml'}: is not UTF-8 text; save it as UTF-8"
    ]


def test_size_limit(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("# much\n" * 200_000)
    assert _check(tmp_path / "a.yaml") == [
        f"{tmp_path / 'a.yaml'}: is larger than 1024 KiB: is this the configuration file?"
    ]


def test_a_device_that_never_ends() -> None:
    assert _check(Path("/dev/zero")) == [
        "/dev/zero: is larger than 1024 KiB: is this the configuration file?"
    ]


def test_billion_laughs(tmp_path: Path) -> None:
    lines = ["a0: &a0 [ha, ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    (tmp_path / "a.yaml").write_text("\n".join(lines))
    assert _check(tmp_path / "a.yaml") == [
        f"{tmp_path / 'a.yaml'}:2: not valid YAML: aliases (*name) are not allowed"
    ]


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 5000, "- " * 5000 + "a"])
def test_nested_too_deeply(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    assert _check(tmp_path / "a.yaml") == [
        f"{tmp_path / 'a.yaml'}: not valid YAML: nested too deeply"
    ]


def test_no_such_file(tmp_path: Path) -> None:
    assert _check(tmp_path / "a.yaml") == [
        f"{tmp_path / 'a.yaml'}: cannot be read: No such file or directory; "
        "specify another file with --config"
    ]


def test_a_folder(tmp_path: Path) -> None:
    assert _check(tmp_path) == [
        f"{tmp_path}: cannot be read: Is a directory; specify another file with --config"
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_not_allowed_to_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("timezone: UTC\n")
    (tmp_path / "a.yaml").chmod(0)
    assert "Permission denied" in _check(tmp_path / "a.yaml")[0]
