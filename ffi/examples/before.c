/*
 * The loop of the old product, for comparison (Q242232, Q253349): every 200 ms it tries each file again and writes one
 * error 6067 for each try that fails; a header that it cannot read for 8 seconds is taken for a bad one. It uses no
 * library.
 *
 *     before SOURCE DESTINATION [--log FILE] [--once] [--for SECONDS] [--stop-file FILE]
 *
 * The folders are those of connector.c.
 */
#include "support/gateway.h"
#include "support/options.h"
#include "support/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Time between two tries, and how long a header may be unreadable, in milliseconds. */
#define RETRY 200
#define BAD_AFTER 8000
/* The longest header that is read, and the most files it may name. */
#define LONGEST_HEADER 65536
#define MOST_FILES 64
#define NAME 256

/* A header that could not be read. */
struct unread {
    struct unread *next;
    unsigned tries;
    char name[NAME];
};

struct before {
    struct options options;
    char api_out[OS_PATH];
    char att_out[OS_PATH];
    char good[OS_PATH];
    char bad[OS_PATH];
    struct unread *unread;
    /* Headers left after a pass. */
    unsigned left;
};

static void say(struct before *before, const char *severity, unsigned id, const char *format, const char *first,
                const char *second)
{
    static char text[3 * OS_PATH];
    unsigned long seconds;
    unsigned milliseconds;
    os_now(&seconds, &milliseconds);
    sprintf(text, format, first, second);
    log_line(before->options.log, seconds, milliseconds, severity, id, text);
}

static void say_failed(struct before *before, const char *path, const char *to, os_error error)
{
    char ending[OS_PATH + 512], words[256];
    os_words(error, words, sizeof words);
    sprintf(ending, "%s'. The system error code is %u, %s", to, error, words);
    say(before, "Error", 6067, "failed to move file '%s' to '%s", path, ending);
}

/* Moves a file if nobody has it locked. Not 0: done. */
static int move(struct before *before, const char *from, const char *folder, const char *name)
{
    static char ignored[1];
    char to[OS_PATH];
    size_t length;
    os_error error = os_read_unshared(from, ignored, sizeof ignored, &length);
    if (error == 0 && os_join(to, folder, name))
        error = os_move(from, to);
    if (error != 0)
        say_failed(before, from, folder, error);
    return error == 0;
}

/* The value of the next `Keyword= VALUE;` from `*at` on whose keyword is `keyword`; NULL when there is none. */
static char *next_value(char **at, const char *keyword)
{
    char *value = strstr(*at, keyword), *end;
    if (value == NULL || (end = strchr(value, ';')) == NULL)
        return NULL;
    value += strlen(keyword);
    value += strspn(value, "= ");
    *end = 0;
    *at = end + 1;
    return value;
}

/* Moves what a header names, then the header. */
static int move_message(struct before *before, const char *path, const char *name, char *header)
{
    char *names[MOST_FILES], *at = header, from[OS_PATH];
    int count = 0, n, good = 1;
    if ((names[count] = next_value(&at, "Msg-File")) != NULL)
        count++;
    else
        at = header;
    while (count < MOST_FILES && (names[count] = next_value(&at, "Current-File")) != NULL)
        count++;
    for (n = 0; n < count; n++) {
        char gateway_name[NAME];
        if (!os_name_from_gateway(gateway_name, sizeof gateway_name, names[n]) ||
            !os_join(from, before->att_out, gateway_name))
            return 0;
        /* What an earlier pass has moved is not there any more. */
        if (os_exists(from))
            good = move(before, from, before->good, gateway_name) && good;
    }
    return good && move(before, path, before->good, name);
}

static struct unread *unread_of(struct before *before, const char *name)
{
    struct unread *unread = before->unread;
    while (unread != NULL && strcmp(unread->name, name) != 0)
        unread = unread->next;
    if (unread == NULL && strlen(name) < NAME && (unread = calloc(1, sizeof *unread)) != NULL) {
        strcpy(unread->name, name);
        unread->next = before->unread;
        before->unread = unread;
    }
    return unread;
}

/* A header that cannot be read is tried a few times; then it counts as bad, locked or not. */
static void give_up_on(struct before *before, const char *path, const char *name, os_error error)
{
    struct unread *unread = unread_of(before, name);
    if (unread == NULL)
        return;
    unread->tries++;
    if (unread->tries < BAD_AFTER / RETRY) {
        say_failed(before, path, before->good, error);
    } else if (unread->tries % (BAD_AFTER / RETRY) == 0) {
        say(before, "Information", 6066, "trying to move file '%s' to '%s'", path, before->bad);
        if (!move(before, path, before->bad, name))
            say(before, "Warning", 6062, "fail on dispatching message '%s' from '%s'", name, before->api_out);
    }
}

static void pick_up(void *user, const char *name)
{
    static char header[LONGEST_HEADER + 1];
    struct before *before = user;
    char path[OS_PATH];
    size_t length = 0;
    struct unread *unread = before->unread;
    os_error error;
    if (strlen(name) >= NAME || !os_join(path, before->api_out, name))
        return;
    before->left++;
    while (unread != NULL && strcmp(unread->name, name) != 0)
        unread = unread->next;
    error = os_read_unshared(path, header, LONGEST_HEADER, &length);
    if (error != 0 || (unread != NULL && unread->tries >= BAD_AFTER / RETRY)) {
        give_up_on(before, path, name, error);
        return;
    }
    header[length] = 0;
    if (move_message(before, path, name, header))
        before->left--;
}

static void make_folder(const char *path)
{
    if (os_make_folder(path) != 0) {
        fprintf(stderr, "before: cannot make '%s'\n", path);
        exit(2);
    }
}

int main(int count, char **words)
{
    static struct before before;
    unsigned long start, now;
    unsigned ignored;
    if (!options_read(&before.options, "before", count, words) ||
        !os_join(before.api_out, before.options.source, "API_OUT") ||
        !os_join(before.att_out, before.options.source, "ATT_OUT") ||
        !os_join(before.good, before.options.destination, "GW2MEXA") ||
        !os_join(before.bad, before.options.destination, "BADFILES"))
        return 2;
    os_catch_stop();
    make_folder(before.good);
    make_folder(before.bad);
    os_now(&start, &ignored);
    do {
        before.left = 0;
        gateway_headers(before.api_out, pick_up, &before);
        if (before.options.once && before.left == 0)
            break;
        os_sleep(RETRY);
        os_now(&now, &ignored);
    } while (!options_stop(&before.options) && (before.options.seconds == 0 || now - start < before.options.seconds));
    while (before.unread != NULL) {
        struct unread *unread = before.unread;
        before.unread = unread->next;
        free(unread);
    }
    options_close(&before.options);
    return 0;
}
