"""The symbols of object code: what it defines, and what it needs from outside."""

import struct

import llvmlite.binding as llvm

ENTRY = struct.Struct("<IBBHQQ")
"""A symbol of a 64-bit ELF file: name, kind, visibility, section, value, size."""


def symbols(code: bytes) -> tuple[set[str], set[str]]:
    """Returns the names of the symbols that object code defines, and of those that it does not, the linker's
    own left out.
    """
    sections = {section.name(): section.data() for section in llvm.ObjectFileRef.from_data(code).sections()}
    names = sections[b".strtab"]
    defined: set[str] = set()
    outside: set[str] = set()
    for place, _, _, section, _, _ in ENTRY.iter_unpack(sections[b".symtab"]):
        name = names[place : names.index(b"\0", place)].decode()
        (defined if section else outside).add(name)
    return defined, outside - {"", "_GLOBAL_OFFSET_TABLE_"}
