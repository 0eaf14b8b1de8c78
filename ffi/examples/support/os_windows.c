/* os.h for Windows, from NT 4.0 on. */
#include "os.h"

#include "wide.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static HANDLE stop_event;

int os_join(char *path, const char *folder, const char *name)
{
    size_t folder_length = strlen(folder), name_length = strlen(name);
    if (folder_length + 1 + name_length >= OS_PATH)
        return 0;
    memcpy(path, folder, folder_length);
    path[folder_length] = '\\';
    memcpy(path + folder_length + 1, name, name_length + 1);
    return 1;
}

int os_absolute(char *absolute, const char *path)
{
    wide_path wide, whole;
    WCHAR *name;
    DWORD length;
    if (!wide_from_utf8(wide, OS_PATH, path))
        return 0;
    length = GetFullPathNameW(wide, OS_PATH, whole, &name);
    return length > 0 && length < OS_PATH && utf8_from_wide(absolute, OS_PATH, whole);
}

static os_error outcome(BOOL done)
{
    return done ? 0 : GetLastError();
}

os_error os_make_folder(const char *path)
{
    wide_path wide;
    if (!wide_long(wide, path))
        return ERROR_FILENAME_EXCED_RANGE;
    return CreateDirectoryW(wide, NULL) || GetLastError() == ERROR_ALREADY_EXISTS ? 0 : GetLastError();
}

os_error os_list(const char *folder, void (*each)(void *user, const char *name), void *user)
{
    WIN32_FIND_DATAW found;
    wide_path wide;
    char pattern[OS_PATH], name[OS_PATH];
    os_error error;
    HANDLE search;
    if (!os_join(pattern, folder, "*") || !wide_long(wide, pattern))
        return ERROR_FILENAME_EXCED_RANGE;
    search = FindFirstFileW(wide, &found);
    if (search == INVALID_HANDLE_VALUE)
        return GetLastError();
    do {
        if (wcscmp(found.cFileName, L".") != 0 && wcscmp(found.cFileName, L"..") != 0 &&
            utf8_from_wide(name, sizeof name, found.cFileName))
            each(user, name);
    } while (FindNextFileW(search, &found));
    error = GetLastError();
    FindClose(search);
    return error == ERROR_NO_MORE_FILES ? 0 : error;
}

int os_exists(const char *path)
{
    wide_path wide;
    return wide_long(wide, path) && GetFileAttributesW(wide) != 0xffffffffUL;
}

os_error os_move(const char *from, const char *to)
{
    wide_path wide_from, wide_to;
    if (!wide_long(wide_from, from) || !wide_long(wide_to, to))
        return ERROR_FILENAME_EXCED_RANGE;
    return outcome(MoveFileExW(wide_from, wide_to, MOVEFILE_WRITE_THROUGH));
}

os_error os_copy(const char *from, const char *to)
{
    wide_path wide_from, wide_to;
    os_error error;
    HANDLE copy;
    if (!wide_long(wide_from, from) || !wide_long(wide_to, to))
        return ERROR_FILENAME_EXCED_RANGE;
    if (!CopyFileW(wide_from, wide_to, FALSE))
        return GetLastError();
    copy = CreateFileW(wide_to, GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (copy == INVALID_HANDLE_VALUE)
        return GetLastError();
    error = outcome(FlushFileBuffers(copy));
    CloseHandle(copy);
    return error;
}

os_error os_remove(const char *path)
{
    wide_path wide;
    return wide_long(wide, path) ? outcome(DeleteFileW(wide)) : ERROR_FILENAME_EXCED_RANGE;
}

os_error os_read_unshared(const char *path, char *buffer, size_t capacity, size_t *length)
{
    wide_path wide;
    os_error error;
    DWORD had = 0;
    HANDLE file;
    if (!wide_long(wide, path))
        return ERROR_FILENAME_EXCED_RANGE;
    file = CreateFileW(wide, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    error = outcome(ReadFile(file, buffer, (DWORD)capacity, &had, NULL));
    *length = had;
    CloseHandle(file);
    return error;
}

int os_is_missing(os_error error)
{
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

int os_is_taken(os_error error)
{
    return error == ERROR_ALREADY_EXISTS || error == ERROR_FILE_EXISTS;
}

int os_is_other_volume(os_error error)
{
    return error == ERROR_NOT_SAME_DEVICE;
}

os_error os_too_long(void)
{
    return ERROR_FILENAME_EXCED_RANGE;
}

void os_words(os_error error, char *buffer, size_t capacity)
{
    DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
    DWORD length = FormatMessageA(flags, NULL, error, 0, buffer, (DWORD)capacity, NULL);
    while (length > 0 && (buffer[length - 1] == '\r' || buffer[length - 1] == '\n' || buffer[length - 1] == ' '))
        length--;
    buffer[length] = 0;
}

FILE *os_append(const char *path)
{
    wide_path wide;
    return wide_from_utf8(wide, OS_PATH, path) ? _wfopen(wide, L"ab") : NULL;
}

int os_name_from_gateway(char *name, size_t capacity, const char *bytes)
{
    wide_path wide;
    int length = MultiByteToWideChar(CP_OEMCP, MB_ERR_INVALID_CHARS, bytes, -1, wide, OS_PATH);
    return length > 0 && utf8_from_wide(name, capacity, wide);
}

void os_now(unsigned long *seconds, unsigned *milliseconds)
{
    /* 1601 to 1970 in seconds, and FILETIME's units of 100 ns in one. */
    const double epoch = 11644473600.0, units = 10000000.0;
    FILETIME now;
    double since_1601;
    GetSystemTimeAsFileTime(&now);
    since_1601 = (now.dwHighDateTime * 4294967296.0 + now.dwLowDateTime) / units;
    *seconds = (unsigned long)(since_1601 - epoch);
    *milliseconds = (unsigned)((since_1601 - epoch - *seconds) * 1000.0);
}

static BOOL WINAPI on_console(DWORD event)
{
    (void)event;
    SetEvent(stop_event);
    return TRUE;
}

void os_catch_stop(void)
{
    stop_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    SetConsoleCtrlHandler(on_console, TRUE);
}

int os_stopping(void)
{
    return WaitForSingleObject(stop_event, 0) == WAIT_OBJECT_0;
}

void *os_stop_event(void)
{
    return stop_event;
}

void os_sleep(unsigned long milliseconds)
{
    WaitForSingleObject(stop_event, milliseconds);
}
