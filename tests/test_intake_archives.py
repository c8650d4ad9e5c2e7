"""Archives that are harmless, broken or meant to break; every bound is tried on both sides (about 6 s)."""

import bz2
import gzip
import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from qc.model import InputError
from qc.model.limits import DEFAULTS, Limits
from qc.readers.bundle import bundle

TEXT = "item,annotator,label\n1,ann,x\n"
TIGHT = replace(DEFAULTS, members=3, unpacked_mb=1, ratio=2)


def names(path: Path, limits: Limits = DEFAULTS) -> dict[str, str]:
    """The files that an import brings, by name, with what they hold."""
    scratch = path.parent / "scratch"
    with bundle(path, scratch, limits) as found:
        held = {entry.name: entry.path.read_text() for entry in found.entries}
    assert not scratch.exists()
    return held


def refused(path: Path, limits: Limits = DEFAULTS) -> str:
    with pytest.raises(InputError) as error:
        names(path, limits)
    assert not (path.parent / "scratch").exists()
    assert not list(path.parent.parent.glob("evil*"))
    return str(error.value)


def zipped(path: Path, members: Iterable[tuple[str | zipfile.ZipInfo, str | bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: Iterable[tuple[str | tarfile.TarInfo, bytes]], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for named, content in members:
            info = named if isinstance(named, tarfile.TarInfo) else tarfile.TarInfo(named)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def of_type(kind: bytes, name: str = "link") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info


def of_mode(mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link")
    info.external_attr = mode << 16
    return info


def test_a_zip_gives_its_files_by_their_paths_without_junk_and_media(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "export.zip",
        [
            ("a/", ""),
            ("a/b/one.csv", TEXT),
            ("two.csv", TEXT),
            ("win\\three.csv", TEXT),
            ("__MACOSX/a/._one.csv", b"\0\5"),
            (".git/config", "x"),
            ("a/.DS_Store", "x"),
            ("Thumbs.db", "x"),
            ("images/photo.JPG", b"\xff\xd8"),
            ("images/scan.nii.gz", b"\x1f\x8b"),
        ],
    )
    assert names(path) == dict.fromkeys(["a/b/one.csv", "two.csv", "win/three.csv"], TEXT)
    with bundle(path, tmp_path / "scratch", DEFAULTS) as found:
        assert (found.label, found.media, found.size) == ("export.zip", 2, 3 * len(TEXT))


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_gives_its_files(tmp_path: Path, mode: str) -> None:
    folder = tarfile.TarInfo("a")
    folder.type = tarfile.DIRTYPE
    path = tarred(tmp_path / "export.tgz", [(folder, b""), ("./a/one.csv", TEXT.encode()), ("p.png", b"x")], mode)
    assert names(path) == {"a/one.csv": TEXT}


def test_a_packed_file_gives_itself(tmp_path: Path) -> None:
    for name, inside in [("votes.csv.gz", "votes.csv"), ("votes.GZ", "votes"), ("votes", "votes unpacked")]:
        (tmp_path / name).write_bytes(gzip.compress(TEXT[:9].encode()) + gzip.compress(TEXT[9:].encode()))
        assert names(tmp_path / name) == {inside: TEXT}


def test_names_written_as_utf8_without_the_flag_are_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "e.zip", [("Zoë.csv", TEXT)])
    content = bytearray(path.read_bytes())
    for flags in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[flags : flags + 2] = b"\0\0"
    path.write_bytes(content)
    assert names(path) == {"Zoë.csv": TEXT}


def test_archives_in_an_archive_become_folders_and_no_deeper(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "i.zip", [("anna.json", "{}")]).read_bytes()
    middle = zipped(tmp_path / "m.zip", [("i.zip", inner)]).read_bytes()
    packed = gzip.compress(TEXT.encode())
    path = zipped(tmp_path / "e.zip", [("doc/anna.zip", inner), ("doc/b.csv.gz", packed), ("no.zip", "no archive")])
    assert names(path) == {"doc/anna.zip/anna.json": "{}", "doc/b.csv": TEXT, "no.zip": "no archive"}
    deep = zipped(tmp_path / "d.zip", [("m.zip", middle)])
    assert refused(deep) == (
        "d.zip: m.zip: i.zip lies in an archive in an archive; unpack the outermost and name the folder."
    )


def test_archives_in_a_folder_are_unpacked_beside_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "plain.csv").write_text(TEXT)
    (folder / "packed.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    zipped(folder / "more.zip", [("one.csv", TEXT)])
    assert names(folder) == dict.fromkeys(["more.zip/one.csv", "packed.csv", "plain.csv"], TEXT)


ELSEWHERE = ("../evil.csv", "a/../../evil.csv", "/evil.csv", "C:/evil.csv", "..\\evil.csv", "\\\\host\\evil.csv")
NO_NAME = ("a\nb.csv", "\x1b[31m.csv", "x" * 256, "/".join(["a" * 200] * 6).strip("/"), "\u202egpj.csv")


@pytest.mark.parametrize("name", ELSEWHERE)
def test_no_member_leaves_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    assert "has a member that leads out of its folder" in refused(zipped(tmp_path / "in" / "e.zip", [(name, "x")]))
    if "\\" not in name:
        info = tarfile.TarInfo(name)
        assert "has a member that leads out of its folder" in refused(tarred(tmp_path / "in" / "e.tgz", [(info, b"x")]))


@pytest.mark.parametrize("name", NO_NAME, ids=repr)
def test_no_member_has_a_name_that_cannot_be_shown_or_written(tmp_path: Path, name: str) -> None:
    sentence = refused(zipped(tmp_path / "e.zip", [(name, "x")]))
    assert sentence.startswith("e.zip has a member whose name no file can have (")
    assert sentence.isprintable()
    assert len(sentence) < 200


def test_names_that_clash_are_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = zipped(tmp_path / "e.zip", [("a.csv", "1"), ("a.csv", "2")])
    assert refused(path) == "e.zip has two members named a.csv; pack it again."
    for members in ([("a", "1"), ("a/b", "2")], [("a/b", "2"), ("a", "1")], [("a", "1"), ("a/", "")]):
        assert "has a file and a folder named" in refused(zipped(tmp_path / "c.zip", members))
    path = zipped(tmp_path / "g.zip", [("a.csv", TEXT), ("a.csv.gz", gzip.compress(b"x"))])
    assert refused(path) == "g.zip: a.csv.gz has the name of another file once it is unpacked; remove one of the two."


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_no_link_or_device_comes_out_of_a_tar(tmp_path: Path, kind: bytes) -> None:
    assert refused(tarred(tmp_path / "e.tar", [(of_type(kind), b"")], "w")) == (
        "e.tar holds a link or a device (link); pack it without."
    )


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_no_link_or_device_comes_out_of_a_zip(tmp_path: Path, mode: int) -> None:
    path = zipped(tmp_path / "e.zip", [(of_mode(mode | 0o777), "/etc/passwd")])
    assert refused(path) == "e.zip holds a link or a device (link); pack it without."


def test_encrypted_and_oddly_packed_members_are_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "e.zip", [("a.csv", TEXT)])
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refused(path) == "e.zip is encrypted; unpack it and name the folder."
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.csv", TEXT)
    assert refused(tmp_path / "b.zip").startswith("b.zip is packed in a way that is not read here")


def test_a_workbook_is_no_archive_and_a_document_no_export(tmp_path: Path) -> None:
    parts = [("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>")]
    zipped(tmp_path / "book.xlsx", parts)
    with bundle(tmp_path / "book.xlsx", tmp_path / "scratch", DEFAULTS) as found:
        assert [entry.name for entry in found.entries] == ["book.xlsx"]
    assert "give it the suffix .xlsx" in refused(zipped(tmp_path / "book.zip", parts))


def test_the_number_of_files_is_bounded(tmp_path: Path) -> None:
    three = [(f"{n}.csv", TEXT) for n in range(3)]
    beside = [("photo.png", "x"), (".hidden", "x"), ("folder/", "")]
    assert len(names(zipped(tmp_path / "e.zip", [*three, *beside]), TIGHT)) == 3
    for path in (
        zipped(tmp_path / "e.zip", [*three, ("4.csv", TEXT)]),
        tarred(tmp_path / "e.tgz", [(f"{n}", b"x") for n in range(4)]),
    ):
        assert refused(path, TIGHT) == (
            f"{path.name} has more than 3 files; read it in parts, or raise the limit `members`."
        )


def packed_zip(folder: Path, content: bytes) -> Path:
    return zipped(folder / "e.zip", [("big.csv", content)])


def packed_tar(folder: Path, content: bytes) -> Path:
    return tarred(folder / "e.tgz", [("big.csv", content)])


def packed_gz(folder: Path, content: bytes) -> Path:
    (folder / "e.gz").write_bytes(gzip.compress(content))
    return folder / "e.gz"


def nested(folder: Path, content: bytes) -> Path:
    return zipped(folder / "n.zip", [("in.zip", packed_zip(folder, content).read_bytes())])


PACKERS = (packed_zip, packed_tar, packed_gz, nested)


@pytest.mark.parametrize("pack", PACKERS)
def test_what_comes_out_is_bounded(tmp_path: Path, pack: Callable[[Path, bytes], Path]) -> None:
    """A MB less than allowed passes, a byte more does not, whatever the headers say."""
    room = replace(DEFAULTS, unpacked_mb=2)
    names(pack(tmp_path, bytes(1 << 20)), room)
    sentence = refused(pack(tmp_path, bytes((2 << 20) + 1)), room)
    assert "unpacks to more than 2 MB; unpack it and name the folder, or raise the limit `unpacked_mb`" in sentence


@pytest.mark.parametrize("pack", PACKERS)
def test_bombs_are_told_by_their_ratio(tmp_path: Path, pack: Callable[[Path, bytes], Path]) -> None:
    """Zeros pack about 1:1000; up to 16 MB any ratio passes, beyond it 1:200."""
    names(pack(tmp_path, bytes(16 << 20)))
    assert "unpacks to more than 200 times its size" in refused(pack(tmp_path, bytes((16 << 20) + 1)))


def test_a_header_that_lies_about_sizes_changes_nothing(tmp_path: Path) -> None:
    path = packed_zip(tmp_path, bytes(3 << 20))
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 10)
    path.write_bytes(content)
    assert "is a damaged archive (BadZipFile: Bad CRC-32 for file 'big.csv')" in refused(path)
    content[entry + 20 : entry + 28] = struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0)
    path.write_bytes(content)
    assert "unpacks to more than 200 times its size" in refused(path)


def test_every_cut_of_an_archive_is_told(tmp_path: Path) -> None:
    """A cut archive never passes for a shorter one."""
    content = bytes(range(256)) * 8
    for pack in (packed_zip, packed_tar, packed_gz):
        whole = pack(tmp_path, content).read_bytes()
        for length in range(4, len(whole) - 1, 11):
            path = tmp_path / "cut"
            path.write_bytes(whole[:length])
            sentence = refused(path)
            assert "damaged archive" in sentence or "is cut off" in sentence, (pack, length)
    plain = tarred(tmp_path / "e.tar", [("a.csv", b"x" * 600), ("b.csv", b"x")], "w").read_bytes()
    for length in range(512, 512 + 1024 + 512 + 512, 64):
        (tmp_path / "cut.tar").write_bytes(plain[:length])
        assert "cut" in refused(tmp_path / "cut.tar")


def test_damage_anywhere_is_one_sentence(tmp_path: Path) -> None:
    """Each byte of a small zip after its mark, turned over: the same texts come out or it is refused."""
    whole = zipped(tmp_path / "e.zip", [("a.csv", TEXT), ("b/c.csv", TEXT * 3)]).read_bytes()
    unharmed = 0
    for place in range(4, len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        (tmp_path / "d.zip").write_bytes(damaged)
        with suppress(InputError):
            assert sorted(names(tmp_path / "d.zip").values()) == [TEXT, TEXT * 3], place
            unharmed += 1
    assert 0 < unharmed < len(whole) / 2


def test_other_packings_are_named(tmp_path: Path) -> None:
    from qc.readers.looks import looks_like
    from qc.readers.source import source

    for content, words in [(bz2.compress(b"x"), "bzip2"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a", "RAR")]:
        (tmp_path / "x").write_bytes(content)
        assert words in looks_like(source(tmp_path / "x"))


def test_damaged_gzip_is_told(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(TEXT.encode() * 50))
    whole[-6] ^= 1
    (tmp_path / "e.gz").write_bytes(whole)
    assert refused(tmp_path / "e.gz").startswith("e.gz is a damaged archive (BadGzipFile: CRC check failed")
    (tmp_path / "e.gz").write_bytes(whole + b"more")
    assert refused(tmp_path / "e.gz").startswith("e.gz is a damaged archive")
    (tmp_path / "e.gz").write_bytes(b"\x1f\x8b" + zlib.compress(b"x"))
    assert refused(tmp_path / "e.gz").startswith("e.gz is a damaged archive")
