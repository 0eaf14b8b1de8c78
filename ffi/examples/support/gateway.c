#include "gateway.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The most names that are tried for one that is taken. */
#define MOST_NAMES 10000

/* Where messages go, by type; the last row is for every other type. */
static const struct {
    const char *type;
    const char *folder;
} ROUTES[] = {{"Search", "FREEBUSY"}, {"Admin", "DIRSYNC"}, {NULL, "GW2MEXA"}};
#define ROUTE_COUNT (sizeof ROUTES / sizeof ROUTES[0])

void gateway_folders(void (*each)(void *user, const char *name), void *user)
{
    size_t n;
    for (n = 0; n < ROUTE_COUNT; n++)
        each(user, ROUTES[n].folder);
    each(user, GATEWAY_BAD);
}

/* Whether `text` begins with `word`, in any case. */
static int begins(const char *text, size_t length, const char *word)
{
    size_t n;
    for (n = 0; word[n] != 0; n++) {
        if (n == length || tolower((unsigned char)text[n]) != tolower((unsigned char)word[n]))
            return 0;
    }
    return 1;
}

/* The names that are being gathered. */
struct names {
    char **names;
    size_t count;
    size_t room;
};

static void keep_header(void *user, const char *name)
{
    struct names *list = user;
    size_t length = strlen(name);
    char *kept;
    if (length < 5 || name[0] == '.' || !begins(name + length - 4, 4, ".API"))
        return;
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : list->room * 2;
        char **names = realloc(list->names, room * sizeof *names);
        if (names == NULL)
            return;
        list->names = names;
        list->room = room;
    }
    /* A name that there is no memory for now is there the next time, too. */
    kept = malloc(length + 1);
    if (kept != NULL)
        list->names[list->count++] = memcpy(kept, name, length + 1);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

os_error gateway_headers(const char *api_out, void (*each)(void *user, const char *name), void *user)
{
    struct names list = {NULL, 0, 0};
    os_error error = os_list(api_out, keep_header, &list);
    size_t n;
    if (list.count > 0)
        qsort(list.names, list.count, sizeof *list.names, by_name);
    for (n = 0; n < list.count; n++) {
        each(user, list.names[n]);
        free(list.names[n]);
    }
    free(list.names);
    return error;
}

static size_t blanks(const char *text, size_t length)
{
    size_t n = 0;
    while (n < length && isspace((unsigned char)text[n]))
        n++;
    return n;
}

const char *gateway_folder_of(const char *content, size_t length)
{
    static const char KEYWORD[] = "Msg-Type";
    size_t at, n;
    for (at = 0; at < length; at++) {
        if ((at > 0 && content[at - 1] != '\n') || !begins(content + at, length - at, KEYWORD))
            continue;
        at += sizeof KEYWORD - 1;
        at += blanks(content + at, length - at);
        if (at == length || content[at] != '=')
            continue;
        at += 1 + blanks(content + at + 1, length - at - 1);
        if (at == length || content[at] == ';')
            return NULL;
        for (n = 0; ROUTES[n].type != NULL && !begins(content + at, length - at, ROUTES[n].type); n++)
            continue;
        return ROUTES[n].folder;
    }
    return NULL;
}

/* The hidden folder in which a message gathers. */
static int gathering(char *path, const char *folder, const char *header)
{
    char hidden[OS_PATH];
    if (strlen(header) + 2 > sizeof hidden)
        return 0;
    hidden[0] = '.';
    strcpy(hidden + 1, header);
    return os_join(path, folder, hidden);
}

int gateway_staged(char *path, const char *folder, const char *header, const char *name)
{
    char hidden[OS_PATH];
    return gathering(hidden, folder, header) && os_join(path, hidden, name);
}

/* Makes the folder that `path` is in. */
static os_error make_folder_of(const char *path)
{
    char folder[OS_PATH];
    const char *end = path + strlen(path);
    while (end > path && end[-1] != '/' && end[-1] != '\\')
        end--;
    memcpy(folder, path, (size_t)(end - path));
    folder[end > path ? end - path - 1 : 0] = 0;
    return os_make_folder(folder);
}

int gateway_stage(const char *from, const char *staged, int (*unchanged)(void *user), void *user, os_error *error)
{
    char part[OS_PATH];
    *error = make_folder_of(staged);
    if (*error != 0)
        return 0;
    /* As long as the source is there, what is staged under its name is the copy of a run that was killed. */
    os_remove(staged);
    *error = os_move(from, staged);
    if (!os_is_other_volume(*error))
        return *error == 0;
    *error = os_too_long();
    if (strlen(staged) + sizeof ".part" > sizeof part)
        return 0;
    strcpy(part, staged);
    strcat(part, ".part");
    *error = os_copy(from, part);
    if (*error != 0 || !unchanged(user)) {
        os_remove(part);
        return 0;
    }
    *error = os_move(part, staged);
    if (*error != 0)
        return 0;
    /* From here to the return the file is in both places; after a kill the source counts. */
    *error = os_remove(from);
    if (*error != 0)
        os_remove(staged);
    return *error == 0;
}

/* The path of the n-th name to try for `name` in `folder`: NAME, then NAME~2.EXT, NAME~3.EXT, ... */
static int candidate(char *path, const char *folder, const char *name, unsigned n)
{
    char numbered[OS_PATH];
    const char *dot = strrchr(name, '.');
    size_t base = dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);
    if (n == 1)
        return os_join(path, folder, name);
    if (strlen(name) + 12 > sizeof numbered)
        return 0;
    memcpy(numbered, name, base);
    sprintf(numbered + base, "~%u", n);
    strcat(numbered, name + base);
    return os_join(path, folder, numbered);
}

os_error gateway_publish(char *to, const char *folder, const char *header)
{
    char hidden[OS_PATH], message[OS_PATH];
    os_error error = 0;
    unsigned n;
    if (!gathering(hidden, folder, header))
        return os_too_long();
    for (n = 1; n < MOST_NAMES; n++) {
        if (!candidate(message, folder, header, n) || !os_join(to, message, header))
            return os_too_long();
        error = os_move(hidden, message);
        if (!os_is_taken(error))
            break;
    }
    return error;
}

/* The folder that is being recovered, and where its headers came from. */
struct recovery {
    const char *folder;
    const char *api_out;
};

static void recover_one(void *user, const char *name)
{
    const struct recovery *recovery = user;
    char staged[OS_PATH], source[OS_PATH], to[OS_PATH];
    if (name[0] != '.' || !gateway_staged(staged, recovery->folder, name + 1, name + 1) ||
        !os_join(source, recovery->api_out, name + 1))
        return;
    if (os_exists(staged) && !os_exists(source))
        gateway_publish(to, recovery->folder, name + 1);
}

void gateway_recover(const char *folder, const char *api_out)
{
    struct recovery recovery;
    recovery.folder = folder;
    recovery.api_out = api_out;
    os_list(folder, recover_one, &recovery);
}
