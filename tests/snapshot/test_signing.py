"""A key that the database does not have: signatures, witnesses, and what each forgery meets."""

import json
import re
import shutil
import subprocess

import pytest

from collector.snapshot.canonical import canonical, digest, parse_json
from collector.snapshot.chain import seal_of
from collector.store import SnapshotHead, Store
from tests.worlds.commands import run_here
from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.frozen import sql
from tests.worlds.programs import program

SIGNER = "kpi@example.org"


@pytest.fixture(scope="module")
def frozen(polled_store, tmp_path_factory):
    """The small desk with a key, its allowed signers and two witnesses: a folder and a git remote.

    Its May and June are frozen, signed and told."""
    program("ssh-keygen"), program("git")
    folder = tmp_path_factory.mktemp("frozen")
    write_desk(folder)
    shutil.copyfile(polled_store, folder / polled_store.name)
    made_key(folder / "key")
    public = (folder / "key.pub").read_text().split()
    (folder / "allowed").write_text(f"{SIGNER} {public[0]} {public[1]}\n")
    git(folder, "init", "--quiet", "--bare", "seals.git")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        for period in ("2020-05", "2020-06"):
            done = configured(folder)("snapshot", "freeze", period, "--incomplete")
            assert done.code == 0, done.err
    return folder


@pytest.fixture
def signed(frozen, tmp_path, monkeypatch):
    """A copy of the frozen desk, for one test."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    shutil.copytree(frozen, tmp_path / "desk")
    return configured(tmp_path / "desk")


def configured(folder):
    """Runs commands in a folder with key and witnesses there."""
    file = folder / "servicedesk.yaml"
    file.write_text(
        CONFIGURATION
        + f"""
snapshot:
  sign: {{type: ssh, key: key, signer: {SIGNER}, allowed_signers: allowed}}
  witness:
    - {{type: folder, name: registrar, path: registrar}}
    - {{type: git, name: auditor, remote: {folder}/seals.git, tries: 1}}
"""
    )

    def run(*arguments):
        return run_here(*arguments, "--config", file)

    run.folder, run.url = folder, f"sqlite:///{folder / 'servicedesk.db'}"
    return run


def made_key(path):
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True)


def git(folder, *arguments):
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_what_is_frozen_is_signed_and_told_to_the_witnesses(signed):
    held = signed("snapshot", "verify")
    assert (held.code, held.err) == (0, "")
    assert f"signed by {SIGNER}" in held.out
    seals = [line.split()[-1] for line in held.out.splitlines()[:2]]
    for number, seal in enumerate(seals, start=1):
        text = (signed.folder / f"registrar/snapshot-{number}.json").read_bytes()
        assert digest(text) == seal, "the signed text is the one whose digest is the seal"
        shown = git(signed.folder / "seals.git", "show", f"main:snapshot-{number}.json")
        assert shown.encode() == text
    log = git(signed.folder / "seals.git", "log", "--format=%s", "main")
    assert log.count("Snapshot of 2020-0") == 2
    assert seals[1] in log


def test_anybody_checks_a_signature_without_us(signed):
    text = signed.folder / "registrar/snapshot-2.json"
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", SIGNER]
    command += ["-n", "servicedesk-kpi-snapshot", "-s", f"{text}.sig"]
    with text.open() as said:
        done = subprocess.run(
            command, check=False, cwd=signed.folder, stdin=said, capture_output=True
        )
    assert done.returncode == 0


def forge(signed, change, number=2, **columns):
    """Changes a content and makes digest and seal anew, as whoever owns the database can."""
    with Store.open(signed.url) as store:
        row = store.snapshots.find(number)
    said = parse_json(row.content)
    change(said)
    raw = canonical(said)
    fields = {name: getattr(row.head, name) for name in SnapshotHead.__dataclass_fields__}
    head = SnapshotHead(**(fields | columns | {"sha256": digest(raw)}))
    sql(signed.url, "UPDATE snapshots SET content = :raw, sha256 = :sha, seal = :seal, "
        "frozen_at = :at WHERE number = :number", raw=raw, sha=head.sha256, seal=seal_of(head),
        at=head.frozen_at, number=number)  # fmt: skip


def one_byte(signed):
    with Store.open(signed.url) as store:
        raw = store.snapshots.find(2).content
    other = raw.replace(b"0", b"1", 1)
    sql(signed.url, "UPDATE snapshots SET content = :raw WHERE number = 2", raw=other)


def figures_anew(signed):
    def better(said):
        urgent = said["indicators"][0]["year_to_date"][0]
        urgent |= {"good": urgent["eligible"], "value": 1.0, "state": "met"}

    forge(signed, better)


def words_anew(signed):
    sql(signed.url, "DELETE FROM deliveries")
    forge(signed, lambda said: said["goals"].append({"id": "x"}))


def last_row(signed):
    sql(signed.url, "DELETE FROM snapshots WHERE number = 2")


def row_and_counter(signed):
    sql(signed.url, "DELETE FROM snapshots WHERE number = 2",
        "UPDATE counters SET value = 1 WHERE name = 'snapshots'",
        "DELETE FROM deliveries")  # fmt: skip


def clock_back(signed):
    forge(signed, lambda said: None, frozen_at=1_000_000_000)


FORGERIES = {
    one_byte: ("snapshot 2: content", "snapshot 2: content"),
    figures_anew: ("contradict the verdicts stored beside them", "has another seal"),
    words_anew: ("", "what was signed has another seal"),
    last_row: ("2 was the last number assigned", "it was signed"),
    row_and_counter: ("", "it was signed"),
    clock_back: ("before snapshot 1", "has another seal"),
}
"""What ``verify`` says by itself (nothing: only the seal on paper tells), and with signatures."""


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda each: each.__name__)
def test_what_finds_each_forgery(signed, forgery):
    seal = signed("snapshot", "verify", "2020-06").out.splitlines()[0].split()[-1]
    told = git(signed.folder / "seals.git", "show", "main:snapshot-2.json")
    assert digest(told.encode()) == seal, "the witness holds the seal that stands on paper"
    forgery(signed)
    alone, with_key = FORGERIES[forgery]
    found = signed("snapshot", "verify")
    assert (found.code, with_key in found.err) == (1, True), found.err
    file = signed.folder / "servicedesk.yaml"
    text = file.read_text()
    file.write_text(text[: text.index("\nsnapshot:")])
    found = signed("snapshot", "verify")
    assert (found.code, alone in found.err) == (1 if alone else 0, True), found.err
    assert signed("snapshot", "verify", "--seal", seal).code == 1, "that seal always tells"


def test_a_chain_made_anew_is_never_signed_by_itself(signed):
    """Whoever owns the database deletes and forges; only a person has it signed, after verify."""
    words_anew(signed)
    shutil.rmtree(signed.folder / "seals")
    assert "holds no signature at all" in signed("snapshot", "verify").err
    signed("snapshot", "freeze", "2020-04", "--incomplete")
    assert not (signed.folder / "seals/snapshot-2.json").exists()
    contested = signed("snapshot", "sign", "2020-06")
    assert contested.code == 1
    assert "auditor" in contested.err
    assert "holds another snapshot-2.json" in contested.err


def test_a_signature_by_another_key_is_none(signed):
    made_key(signed.folder / "other")
    text = (signed.folder / "seals/snapshot-2.json").read_bytes()
    made = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-f", signed.folder / "other", "-n",
         "servicedesk-kpi-snapshot"], input=text, capture_output=True, check=True)  # fmt: skip
    (signed.folder / "seals/snapshot-2.json.sig").write_bytes(made.stdout)
    assert "not a signature by kpi@example.org" in signed("snapshot", "verify").err
    (signed.folder / "allowed").unlink()
    told = signed("snapshot", "verify")
    assert (told.code, "allowed_signers" in told.err) == (1, True)


def test_freezing_goes_on_without_key_and_witness_and_says_so(signed):
    """What failed is told, and done later by a person."""
    (signed.folder / "key").rename(signed.folder / "lost")
    shutil.move(signed.folder / "seals.git", signed.folder / "gone.git")
    done = signed("snapshot", "freeze", "2020-04", "--incomplete")
    assert done.code == 1
    assert "frozen but not signed: snapshot.sign.key" in done.err
    assert "witness auditor: git remote of witness auditor: git ls-remote ended with" in done.err
    assert "snapshot 3: signature: it is not signed" in signed("snapshot", "verify").err
    (signed.folder / "lost").rename(signed.folder / "key")
    shutil.move(signed.folder / "gone.git", signed.folder / "seals.git")
    mended = signed("snapshot", "sign", "2020-04")
    assert (mended.code, mended.err) == (0, "")
    assert signed("snapshot", "verify").code == 0
    assert json.loads(git(signed.folder / "seals.git", "show", "main:snapshot-3.json"))


def test_a_witness_is_told_again_when_somebody_asks_for_it(signed):
    """What was sent is not sent again by itself; a folder can be looked at, and so can git."""
    assert signed("snapshot", "sign", "2020-06").out == ""
    (signed.folder / "registrar/snapshot-2.json").unlink()
    again = signed("snapshot", "sign", "2020-06", "--again", "registrar")
    assert (again.code, again.out) == (0, "witness registrar: sent 2 files\n")
    assert (signed.folder / "registrar/snapshot-2.json").exists()
    unknown = signed("snapshot", "sign", "2020-06", "--again", "auditors")
    assert unknown.code == 2
    assert "--again auditors: must be one of registrar, auditor" in unknown.err


def test_a_clock_that_was_set_back_is_told_though_nobody_forged_anything(signed, monkeypatch):
    monkeypatch.setattr("collector.cli.snapshot.present", lambda: 1_600_000_000)
    assert signed("snapshot", "freeze", "2020-04", "--incomplete").code == 0
    said = signed("snapshot", "verify").err
    assert "snapshot 3: chain: it says that it was frozen 2020-09-13" in said
    assert "before snapshot 2" in said


def test_an_office_file_that_changed_is_told_by_the_document_and_not_by_verify(signed):
    comments = signed.folder / "commentary" / "2020-06"
    comments.mkdir(parents=True)
    out = signed.folder / "out"

    def printed(said):
        (comments / "urgent.md").write_text(said)
        done = signed("report", "2020-06", "--format", "html", "--language", "sv", "--out", out)
        assert done.code == 0, done.err
        page = next(out.iterdir()).read_text()
        return dict(re.findall(r"(Sigill|Innehåll)[^:.]*: ([0-9a-f\s]{16,})", page))

    before, after = printed("Bemanningen var låg."), printed("Bemanningen var lag.")
    assert before["Sigill"] == after["Sigill"], "the seal is that of the figures"
    assert before["Innehåll"] != after["Innehåll"]
    assert signed("snapshot", "verify").code == 0


def test_check_says_what_signing_and_witnesses_lack_on_this_machine(signed, monkeypatch):
    assert "snapshot" not in signed("check", "--offline").err
    (signed.folder / "key").unlink()
    monkeypatch.setenv("PATH", "/nowhere")
    said = signed("check", "--offline").err
    assert f"snapshot.sign.key: there is no file {signed.folder / 'key'}" in said
    assert "snapshot.sign: ssh-keygen is not installed here: months would be frozen without" in said
    assert "snapshot.witness[1]: git is not installed here: auditor would not be told" in said


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("no program", "snapshot.sign: ssh-keygen is not there: install it"),
        ("passphrase", "cannot sign; it must be a private key without a passphrase"),
        ("no folder", "snapshot.sign.folder: "),
        ("another text", "snapshot-2.json: holds another snapshot of that number; run"),
    ],
)
def test_what_cannot_be_signed_says_what_to_do(signed, monkeypatch, spoil, says):
    """Nothing is put in the place of what was signed before."""
    (folder,) = {file.parent for file in signed.folder.rglob("snapshot-2.json.sig")} - {
        signed.folder / "registrar"
    }
    text = folder / "snapshot-2.json"
    (folder / "snapshot-2.json.sig").unlink()
    before = text.read_bytes()
    with monkeypatch.context() as spoilt:
        if spoil == "no program":
            spoilt.setenv("PATH", "/nowhere")
        elif spoil == "passphrase":
            change = ["ssh-keygen", "-q", "-p", "-N", "not told", "-f", str(signed.folder / "key")]
            subprocess.run(change, check=True)
        elif spoil == "no folder":
            shutil.move(folder, signed.folder / "aside")
            folder.touch()
        else:
            text.write_bytes(before.replace(b"2020-06", b"2020-05"))
        done = signed("snapshot", "sign", "2020-06")
    assert done.code == 1
    assert says in done.err
    if spoil == "no folder":
        folder.unlink()
        shutil.move(signed.folder / "aside", folder)
    elif spoil == "another text":
        assert text.read_bytes() != before
    assert not (folder / "snapshot-2.json.sig").exists()


def test_what_is_forged_is_not_signed(signed):
    sql(signed.url, "UPDATE snapshots SET seal = :seal WHERE number = 1", seal="0" * 64)
    done = signed("snapshot", "sign", "2020-06", "--again", "registrar")
    assert done.code == 1
    assert "snapshot 1: seal" in done.err
    assert done.out == ""


def test_without_a_key_and_a_witness_there_is_nothing_to_sign(signed):
    (signed.folder / "servicedesk.yaml").write_text(CONFIGURATION)
    done = signed("snapshot", "sign", "2020-06")
    assert done.code == 2
    assert "has neither sign nor witness; see docs/snapshots.md" in done.err
