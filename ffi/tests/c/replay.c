/* Replays traces through the C ABI and prints, for each, what came out of it as one line: digest, digest of the
 * events' texts, inputs, events, open pickups, and the file's name. core/examples/digest.rs prints the same without the
 * C ABI, and every flavour on every system must print the same. C89. */

#include "lockwait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The 64-bit FNV-1a hash (draft-eastlake-fnv section 5), continued. C89 has no 64-bit literals: the prime is
 * 2^40 + 0x1b3, and the offset basis is put together from halves. */
static uint64_t fnv(uint64_t hash, const char *bytes, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        hash ^= (unsigned char)bytes[i];
        hash = (hash << 40) + hash * 0x1b3u;
    }
    return hash;
}

/* Windows NT's msvcrt has no %llx. */
static void print_hex(uint64_t value)
{
    printf("%08lx%08lx ", (unsigned long)(value >> 32), (unsigned long)(value & 0xffffffffu));
}

static int fail(const char *path, const char *what, lockwait_result result)
{
    char why[512] = "";
    lockwait_last_error(why, sizeof why, NULL);
    fprintf(stderr, "%s: %s: %s: %s\n", path, what, lockwait_result_name(result), why);
    return 1;
}

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size;
    if (file == NULL) {
        return NULL;
    }
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        text = malloc((size_t)size + 1);
        if (text != NULL && fread(text, 1, (size_t)size, file) != (size_t)size) {
            free(text);
            text = NULL;
        }
        *length = (size_t)size;
    }
    fclose(file);
    return text;
}

/* One text of an event, hashed. */
static lockwait_result hash_text(const lockwait_event *event, uint32_t which, uint64_t *hash)
{
    lockwait_result result;
    size_t length = 0;
    char *text;
    lockwait_event_text(event, which, NULL, 0, &length);
    text = malloc(length + 1);
    if (text == NULL) {
        return LOCKWAIT_RESULT_SYSTEM;
    }
    result = lockwait_event_text(event, which, text, length + 1, NULL);
    if (result == LOCKWAIT_RESULT_OK) {
        *hash = fnv(*hash, text, length);
    }
    free(text);
    return result;
}

static int replay(const char *path)
{
    lockwait_replay *replayed = NULL;
    lockwait_replay_info info;
    lockwait_event *event = NULL;
    lockwait_result result;
    uint64_t hash = ((uint64_t)0xcbf29ce4u << 32) | 0x84222325u;
    const char *name = path, *at;
    size_t length = 0;
    char *text = read_file(path, &length);
    if (text == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return 1;
    }
    result = lockwait_trace_replay(text, length, NULL, &replayed);
    free(text);
    if (result != LOCKWAIT_RESULT_OK) {
        return fail(path, "lockwait_trace_replay", result);
    }
    info.size = sizeof info;
    result = lockwait_replay_get(replayed, &info);
    if (result != LOCKWAIT_RESULT_OK) {
        return fail(path, "lockwait_replay_get", result);
    }
    while ((result = lockwait_replay_next_event(replayed, &event)) == LOCKWAIT_RESULT_OK) {
        if ((result = hash_text(event, LOCKWAIT_TEXT_JSON, &hash)) != LOCKWAIT_RESULT_OK
            || (result = hash_text(event, LOCKWAIT_TEXT_LINE, &hash)) != LOCKWAIT_RESULT_OK) {
            return fail(path, "lockwait_event_text", result);
        }
        lockwait_event_free(event);
    }
    if (result != LOCKWAIT_RESULT_EMPTY) {
        return fail(path, "lockwait_replay_next_event", result);
    }
    lockwait_replay_free(replayed);
    for (at = path; *at != '\0'; at++) {
        if (*at == '/' || *at == '\\') {
            name = at + 1;
        }
    }
    print_hex(info.digest);
    print_hex(hash);
    printf("%lu %lu %lu %s\n", (unsigned long)info.inputs, (unsigned long)info.events, (unsigned long)info.open, name);
    return 0;
}

int main(int argc, char **argv)
{
    int i;
    for (i = 1; i < argc; i++) {
        if (replay(argv[i]) != 0) {
            return 1;
        }
    }
    return 0;
}
