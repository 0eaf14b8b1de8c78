#!/usr/bin/env python3
"""Lockwait from Python, with nothing but ctypes.

    pickup.py explain CODE              what a code means: 32, 0x80070020, errno:EBUSY, ncp:0x80
    pickup.py take FOLDER DESTINATION   takes every file in a folder as it becomes free, and says why it waited

The library is found where the system's loader finds it, or named by LOCKWAIT_LIBRARY.
"""

import ctypes
import json
import os
import sys
from ctypes import POINTER, byref, c_char_p, c_size_t, c_uint32, c_uint64, c_void_p

OK, BUFFER_TOO_SMALL = 0, 15
ROLE_SOURCE, ROLE_INTO = 1, 3
OPTION_ONCE = 1
TEXT_JSON = 1
ABI_VERSION = 1


class Str(ctypes.Structure):
    """lockwait_str: text that Lockwait lends."""

    _fields_ = [("data", c_void_p), ("len", c_size_t)]

    def __str__(self):
        return ctypes.string_at(self.data, self.len).decode()


class Explanation(ctypes.Structure):
    """lockwait_explanation"""

    _fields_ = [("size", c_uint32), ("cause", c_uint32)] + [
        (name, Str) for name in ("name", "meaning", "cause_name", "advice")
    ]


class Summary(ctypes.Structure):
    """lockwait_summary"""

    _fields_ = [("size", c_uint32), ("reserved", c_uint32)] + [
        (name, c_uint64) for name in ("taken", "bytes", "gone", "quarantined", "refused", "cancelled", "need_action")
    ]


EVENT_CALLBACK = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)

# Without the types of its parameters ctypes would pass a handle as an int of 32 bits.
FUNCTIONS = {
    "lockwait_abi_version": [],
    "lockwait_last_error": [c_char_p, c_size_t, POINTER(c_size_t)],
    "lockwait_code_parse": [c_char_p, c_size_t, POINTER(c_uint32), POINTER(c_uint32)],
    "lockwait_code_explain": [c_uint32, c_uint32, POINTER(Explanation)],
    "lockwait_event_text": [c_void_p, c_uint32, c_char_p, c_size_t, POINTER(c_size_t)],
    "lockwait_pickup_new": [POINTER(c_void_p)],
    "lockwait_pickup_set_path": [c_void_p, c_uint32, c_char_p, c_size_t],
    "lockwait_pickup_set_option": [c_void_p, c_uint32, c_uint64],
    "lockwait_pickup_set_callbacks": [c_void_p, c_void_p, EVENT_CALLBACK, c_void_p, c_void_p],
    "lockwait_pickup_run": [c_void_p, POINTER(Summary)],
    "lockwait_pickup_free": [c_void_p],
}


def load():
    """The library, with the types of the functions used here."""
    names = {"win32": "lockwait.dll", "darwin": "liblockwait.dylib"}
    library = ctypes.CDLL(os.environ.get("LOCKWAIT_LIBRARY") or names.get(sys.platform, "liblockwait.so.0"))
    for name, parameters in FUNCTIONS.items():
        function = getattr(library, name)
        function.argtypes, function.restype = parameters, c_uint32
    if library.lockwait_abi_version() != ABI_VERSION:
        raise SystemExit("pickup.py: this library has another interface than the one it was written for")
    return library


LIB = load()


def text_of(function, *arguments):
    """A text from a function that fills a buffer: its length is asked for first."""
    length = c_size_t()
    if function(*arguments, None, 0, byref(length)) != BUFFER_TOO_SMALL:
        return ""
    buffer = ctypes.create_string_buffer(length.value + 1)
    must(function(*arguments, buffer, len(buffer), byref(length)))
    return buffer.raw[: length.value].decode(errors="replace")


def must(result):
    """Ends the program, with the library's own words, unless a call succeeded."""
    if result != OK:
        raise SystemExit(f"pickup.py: {text_of(LIB.lockwait_last_error)}")


def explain(written):
    """Says what a code means and what Lockwait does about it."""
    code, domain, value = written.encode(), c_uint32(), c_uint32()
    must(LIB.lockwait_code_parse(code, len(code), byref(domain), byref(value)))
    known = Explanation(size=ctypes.sizeof(Explanation))
    must(LIB.lockwait_code_explain(domain, value, byref(known)))
    print(f"{known.name}: {known.meaning}\n{known.cause_name}: {known.advice}")


@EVENT_CALLBACK
def on_event(_user, event):
    """Is told of every event of a run; the event is lent for the call."""
    told = json.loads(text_of(LIB.lockwait_event_text, event, TEXT_JSON))
    verdict = told["verdict"]
    why = f": {verdict['advice']}, {verdict['kind']}" if verdict else ""
    print(f"{told['id']} {told['event']} {told['path']} after {told['waited_ms']} ms{why}", flush=True)


def take(folder, destination):
    """Takes what is in a folder; 1 when somebody must act."""
    pickup, summary = c_void_p(), Summary(size=ctypes.sizeof(Summary))
    must(LIB.lockwait_pickup_new(byref(pickup)))
    try:
        for role, path in ((ROLE_SOURCE, folder), (ROLE_INTO, destination)):
            path = os.fsencode(path)
            must(LIB.lockwait_pickup_set_path(pickup, role, path, len(path)))
        must(LIB.lockwait_pickup_set_option(pickup, OPTION_ONCE, 1))
        must(LIB.lockwait_pickup_set_callbacks(pickup, None, on_event, None, None))
        must(LIB.lockwait_pickup_run(pickup, byref(summary)))
    finally:
        LIB.lockwait_pickup_free(pickup)
    print(f"{summary.taken} files taken, {summary.need_action} need somebody")
    return 1 if summary.need_action else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["explain", code]:
            explain(code)
        case ["take", folder, destination]:
            raise SystemExit(take(folder, destination))
        case _:
            raise SystemExit(__doc__)
