/* UTF-8 to the UTF-16 that Windows' functions take, and back. */
#ifndef EXAMPLE_WIDE_H
#define EXAMPLE_WIDE_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "os.h"

typedef WCHAR wide_path[OS_PATH];

/* Each gives not 0 when it fits and means something. */
int wide_from_utf8(WCHAR *wide, int capacity, const char *utf8);
int utf8_from_wide(char *utf8, size_t capacity, const WCHAR *wide);

/* A path in the long form that begins with \\?\, which has no limit of 260 characters and takes names as they are. */
int wide_long(wide_path wide, const char *path);

#endif
