#include "wide.h"

#include <string.h>
#include <wchar.h>

int wide_from_utf8(WCHAR *wide, int capacity, const char *utf8)
{
    return MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, capacity) > 0;
}

int utf8_from_wide(char *utf8, size_t capacity, const WCHAR *wide)
{
    return WideCharToMultiByte(CP_UTF8, 0, wide, -1, utf8, (int)capacity, NULL, NULL) > 0;
}

int wide_long(wide_path wide, const char *path)
{
    wide_path given, whole;
    WCHAR *name;
    const WCHAR *prefix = L"\\\\?\\", *rest = whole;
    DWORD length;
    if (!wide_from_utf8(given, OS_PATH, path))
        return 0;
    length = GetFullPathNameW(given, OS_PATH, whole, &name);
    if (length == 0 || length + 8 >= OS_PATH)
        return 0;
    if (wcsncmp(whole, L"\\\\?\\", 4) == 0) {
        prefix = L"";
    } else if (wcsncmp(whole, L"\\\\", 2) == 0) {
        prefix = L"\\\\?\\UNC\\";
        rest = whole + 2;
    }
    wcscpy(wide, prefix);
    wcscat(wide, rest);
    return 1;
}
