/*
 * A connector that takes mail from a GroupWise API Gateway: a small but complete host of Lockwait's router layer. It does
 * its own I/O; Lockwait decides when to try, when to wait, when to take, and what the log says. One source for Linux and
 * Windows, and for both flavours of the library.
 *
 *     connector SOURCE DESTINATION [--log FILE] [--json FILE] [--trace FILE]
 *               [--once] [--for SECONDS] [--stop-file FILE] [--set KEY=VALUE]...
 *
 * The gateway writes bodies and attachments into SOURCE/ATT_OUT and then a header, *.API, into SOURCE/API_OUT. Each
 * message is taken to DESTINATION/GW2MEXA, FREEBUSY or DIRSYNC, by its type; what cannot be used to DESTINATION/BADFILES.
 * Headers are taken up in the order of their names.
 *
 * The numbers 1 to 5 are those of the loop in lockwait.h and docs/embedding.md.
 */
#include "lockwait.h"
#include "support/gateway.h"
#include "support/options.h"
#include "support/os.h"
#include "support/probe.h"
#include "support/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many actions are carried out before time, folders and the log get their turn again. */
#define BATCH 32
/* Notices get lost, so the folder is read this often in any case; in microseconds. */
#define RESCAN 1000000U
/* The longest header that is read. */
#define LONGEST_HEADER (4U << 20)
/* Room for a name in a folder. */
#define NAME 1024
/* Room for a line of the log. */
#define LINE 65536

/* Where the files of a message go, once its header has been read. */
struct message {
    struct message *next;
    uint64_t leader;
    const char *folder;
};

struct connector {
    struct options options;
    lockwait_router *router;
    struct watch *watch;
    struct message *messages;
    char api_out[OS_PATH];
    char att_out[OS_PATH];
    /* A notice came of a header that is not known yet. */
    int scan_now;
    /* The last scan could read the folder. */
    int scanned;
};

/* One pickup: what it is called and where it is. */
struct file {
    uint64_t pickup;
    /* The pickup of the message's header; the file's own when it has no companions. */
    uint64_t leader;
    /* Not 0: a body or attachment. */
    int member;
    char name[NAME];
    /* The header's name. */
    char header[NAME];
    char path[OS_PATH];
};

static uint64_t now(void)
{
    uint64_t time = 0;
    lockwait_now(&time);
    return time;
}

/* Ends the program when a call failed that cannot fail unless the program is wrong or memory is short. */
static void must(lockwait_result result, const char *what)
{
    char why[512] = "";
    if (result == LOCKWAIT_RESULT_OK)
        return;
    lockwait_last_error(why, sizeof why, NULL);
    fprintf(stderr, "connector: %s: %s: %s\n", what, lockwait_result_name(result), why);
    exit(2);
}

/* An answer that comes too late is no mistake: the pickup ended meanwhile. */
static void answered(lockwait_result result)
{
    if (result != LOCKWAIT_RESULT_NO_SUCH_PICKUP)
        must(result, "an answer");
}

/* --- 1. What arrived ----------------------------------------------------------------------------------------------- */

static void submit_header(void *user, const char *name)
{
    struct connector *connector = user;
    const char *folder = connector->api_out;
    uint64_t pickup;
    must(lockwait_router_submit(connector->router, now(), folder, strlen(folder), name, strlen(name), &pickup),
         "a header");
}

/* Submits the headers that are there, in the order of their names. One that is known already stays what it is. */
static void scan(struct connector *connector)
{
    const char *folder = connector->api_out;
    os_error error = gateway_headers(folder, submit_header, connector);
    connector->scanned = error == 0;
    if (error == 0)
        must(lockwait_router_folder_found(connector->router, now(), folder, strlen(folder)), "a folder");
    else
        must(lockwait_router_folder_lost(connector->router, now(), folder, strlen(folder), PROBE_DOMAIN, error),
             "a folder");
}

/* 1. The system noticed something: a hint for a file that is known, a reason to look for one that is not. */
static void noticed(void *user, int folder, const char *name, uint32_t hint)
{
    struct connector *connector = user;
    const char *path = folder == 0 ? connector->api_out : connector->att_out;
    uint64_t pickup;
    lockwait_result result =
        lockwait_router_find(connector->router, path, strlen(path), name, strlen(name), &pickup);
    if (result == LOCKWAIT_RESULT_OK)
        must(lockwait_router_hint(connector->router, now(), pickup, hint), "a hint");
    else if (folder == 0 && hint != LOCKWAIT_HINT_REMOVED)
        connector->scan_now = 1;
}

/* --- 3. Actions ---------------------------------------------------------------------------------------------------- */

/* What is known of a pickup. Not 0: it goes on, and its names fit. */
static int file_of(struct connector *connector, uint64_t pickup, struct file *file)
{
    lockwait_router *router = connector->router;
    char bytes[NAME], folder[OS_PATH];
    lockwait_view view;
    memset(&view, 0, sizeof view);
    view.size = sizeof view;
    if (lockwait_router_view(router, pickup, &view) != LOCKWAIT_RESULT_OK)
        return 0;
    file->pickup = pickup;
    file->leader = view.leader == 0 ? pickup : view.leader;
    file->member = file->leader != pickup;
    if (lockwait_router_place(router, pickup, LOCKWAIT_PART_NAME, bytes, sizeof bytes, NULL) != LOCKWAIT_RESULT_OK ||
        lockwait_router_place(router, pickup, LOCKWAIT_PART_FOLDER, folder, sizeof folder, NULL) != LOCKWAIT_RESULT_OK ||
        lockwait_router_place(router, file->leader, LOCKWAIT_PART_NAME, file->header, sizeof file->header, NULL) !=
            LOCKWAIT_RESULT_OK)
        return 0;
    /* A companion's name is what the header has, in the gateway's code page. */
    if (!file->member)
        strcpy(file->name, bytes);
    else if (!os_name_from_gateway(file->name, sizeof file->name, bytes))
        return 0;
    return os_join(file->path, folder, file->name);
}

/* The destination's folder for the message of `leader`; NULL when its header was not read yet. */
static const char *folder_of(struct connector *connector, uint64_t leader)
{
    struct message *message = connector->messages;
    while (message != NULL && message->leader != leader)
        message = message->next;
    return message == NULL ? NULL : message->folder;
}

static void set_folder(struct connector *connector, uint64_t leader, const char *folder)
{
    struct message *message = malloc(sizeof *message);
    if (folder_of(connector, leader) != NULL || message == NULL) {
        free(message);
        return;
    }
    message->leader = leader;
    message->folder = folder;
    message->next = connector->messages;
    connector->messages = message;
}

static void forget_folder(struct connector *connector, uint64_t leader)
{
    struct message **at = &connector->messages, *gone;
    while (*at != NULL && (*at)->leader != leader)
        at = &(*at)->next;
    gone = *at;
    if (gone != NULL)
        *at = gone->next;
    free(gone);
}

/* Where a file waits for the rest of its message. Not 0: that is known, and the path fits. */
static int staged_path(struct connector *connector, const struct file *file, char *staged)
{
    const char *folder = folder_of(connector, file->leader);
    char path[OS_PATH];
    return folder != NULL && os_join(path, connector->options.destination, folder) &&
           gateway_staged(staged, path, file->header, file->name);
}

static void refuse(struct connector *connector, uint64_t pickup, const lockwait_refusal *refusal)
{
    answered(lockwait_router_answer_refused(connector->router, now(), pickup, refusal));
}

/* The destination has failed, no matter which file. */
static void refuse_destination(struct connector *connector, uint64_t pickup, os_error error)
{
    int missing = os_is_missing(error);
    uint32_t domain = missing ? LOCKWAIT_DOMAIN_LOCKWAIT : PROBE_DOMAIN;
    uint32_t value = missing ? LOCKWAIT_FINDING_DESTINATION : (uint32_t)error;
    answered(lockwait_router_answer_code(connector->router, now(), pickup, domain, value));
}

static void reject(struct connector *connector, uint64_t pickup)
{
    answered(lockwait_router_answer_rejected(connector->router, now(), pickup, LOCKWAIT_DOMAIN_LOCKWAIT,
                                             LOCKWAIT_FINDING_CONTENT_REJECTED));
}

/* Finds out from a header where its message goes. 0: it is finished and does not say (6087 in the old product). */
static int is_usable(struct connector *connector, const struct file *file, const unsigned char *content, size_t length)
{
    const char *folder = gateway_folder_of((const char *)content, length);
    uint32_t state = LOCKWAIT_CONTENT_UNKNOWN;
    if (folder != NULL) {
        set_folder(connector, file->pickup, folder);
        return 1;
    }
    must(lockwait_content_check(file->name, strlen(file->name), length, content, length, NULL, 0, &state), "a header");
    return state == LOCKWAIT_CONTENT_INCOMPLETE;
}

/* Answers that the file is free, with as much of its content as Lockwait needs to see that it is whole, and of a header
 * all of it, which names the companions. */
static void answer_opened(struct connector *connector, const struct file *file, struct probe *probe)
{
    uint64_t bytes = probe->facts.bytes;
    size_t head = 0, tail = 0;
    unsigned char *content;
    lockwait_look look;
    memset(&look, 0, sizeof look);
    look.size = sizeof look;
    look.content = LOCKWAIT_CONTENT_CHECK;
    look.method = probe->method;
    look.facts = probe->facts;
    must(lockwait_content_wanted(file->name, strlen(file->name), NULL, 0, &head, &tail), "a name");
    if (!file->member && bytes > LONGEST_HEADER) {
        reject(connector, file->pickup);
        return;
    }
    if (!file->member || bytes <= head + tail) {
        head = (size_t)bytes;
        tail = 0;
    }
    content = malloc(head + tail + 1);
    if (content == NULL) {
        answered(lockwait_router_answer_code(connector->router, now(), file->pickup, LOCKWAIT_DOMAIN_ERRNO, 12));
        return;
    }
    look.head = content;
    look.head_length = probe_read(probe, 0, content, head);
    look.tail = content + look.head_length;
    look.tail_length = tail == 0 ? 0 : probe_read(probe, bytes - tail, content + look.head_length, tail);
    if (file->member || is_usable(connector, file, content, look.head_length))
        answered(lockwait_router_answer_opened(connector->router, now(), file->pickup, &look));
    else
        reject(connector, file->pickup);
    free(content);
}

/* 3. LOCKWAIT_ACTION_TRY */
static void try_file(struct connector *connector, const struct file *file)
{
    struct probe probe;
    lockwait_refusal refusal;
    char staged[OS_PATH];
    int is_staged = staged_path(connector, file, staged) && os_exists(staged) && !os_exists(file->path);
    if (file->member && is_staged && probe_open(&probe, staged, &refusal)) {
        /* A run that was killed has taken it already. */
        probe_close(&probe);
        answered(lockwait_router_answer_taken(connector->router, now(), file->pickup, staged, strlen(staged),
                                              probe.facts.bytes));
    } else if (probe_open(&probe, is_staged ? staged : file->path, &refusal)) {
        answer_opened(connector, file, &probe);
        probe_close(&probe);
    } else {
        refuse(connector, file->pickup, &refusal);
    }
}

/* What a file was when it was found free, and what it is now. */
struct comparison {
    const struct file *file;
    lockwait_facts expected;
    lockwait_refusal refusal;
    struct probe probe;
    /* Not 0: it is free, and the same. */
    int same;
};

static int unchanged(void *user)
{
    struct comparison *comparison = user;
    const lockwait_facts *is = &comparison->probe.facts, *was = &comparison->expected;
    comparison->same = 0;
    if (!probe_open(&comparison->probe, comparison->file->path, &comparison->refusal))
        return 0;
    probe_close(&comparison->probe);
    comparison->same = is->bytes == was->bytes && is->modified == was->modified && is->identity == was->identity;
    comparison->refusal.domain = 0;
    return comparison->same;
}

/* Answers for a file that is not as it was when it was found free. */
static void answer_changed(struct connector *connector, const struct comparison *comparison)
{
    uint64_t pickup = comparison->file->pickup;
    if (comparison->refusal.domain != 0)
        refuse(connector, pickup, &comparison->refusal);
    else
        answered(lockwait_router_answer_changed(connector->router, now(), pickup, &comparison->probe.facts));
}

/* 3. LOCKWAIT_ACTION_TAKE, and LOCKWAIT_ACTION_QUARANTINE, which takes a header alone into the bad folder. Not 0: done,
 * and `to` is where it is now. */
static int take_file(struct connector *connector, const struct file *file, const char *folder,
                     struct comparison *comparison, char *to)
{
    char path[OS_PATH];
    os_error error;
    int is_staged;
    if (!os_join(path, connector->options.destination, folder) ||
        !gateway_staged(to, path, file->header, file->name)) {
        refuse_destination(connector, file->pickup, os_too_long());
        return 0;
    }
    is_staged = os_exists(to) && !os_exists(file->path);
    if (!is_staged && !unchanged(comparison)) {
        answer_changed(connector, comparison);
        return 0;
    }
    if (!is_staged && !gateway_stage(file->path, to, unchanged, comparison, &error)) {
        if (error == 0)
            answer_changed(connector, comparison);
        else
            refuse_destination(connector, file->pickup, error);
        return 0;
    }
    if (file->member)
        return 1;
    /* The header was the last. */
    error = gateway_publish(to, path, file->header);
    if (error != 0)
        refuse_destination(connector, file->pickup, error);
    return error == 0;
}

static void carry_out(struct connector *connector, const lockwait_action *action)
{
    lockwait_router *router = connector->router;
    struct comparison comparison;
    struct file file;
    const char *folder;
    char to[OS_PATH];
    if (!file_of(connector, action->pickup, &file)) {
        /* Nothing that could be opened has such a name. */
        answered(lockwait_router_answer_code(router, now(), action->pickup, LOCKWAIT_DOMAIN_LOCKWAIT,
                                             LOCKWAIT_FINDING_OUTSIDE));
        return;
    }
    memset(&comparison, 0, sizeof comparison);
    comparison.file = &file;
    comparison.expected = action->expected;
    folder = folder_of(connector, file.leader);
    switch (action->kind) {
    case LOCKWAIT_ACTION_TRY:
        try_file(connector, &file);
        break;
    case LOCKWAIT_ACTION_TAKE:
        if (folder == NULL)
            reject(connector, file.pickup);
        else if (take_file(connector, &file, folder, &comparison, to))
            answered(lockwait_router_answer_taken(router, now(), file.pickup, to, strlen(to), action->expected.bytes));
        break;
    case LOCKWAIT_ACTION_IDENTIFY:
#ifdef LOCKWAIT_LEGACY
        answered(lockwait_router_answer_could_not_ask(router, now(), file.pickup, LOCKWAIT_DOMAIN_WIN32, 50));
#else
        answered(lockwait_router_answer_who(router, now(), file.pickup));
#endif
        break;
    case LOCKWAIT_ACTION_QUARANTINE:
        /* It is moved as it is now. */
        if (probe_open(&comparison.probe, file.path, &comparison.refusal)) {
            probe_close(&comparison.probe);
            comparison.expected = comparison.probe.facts;
            if (take_file(connector, &file, GATEWAY_BAD, &comparison, to))
                answered(lockwait_router_answer_quarantined(router, now(), file.pickup, to, strlen(to)));
        } else {
            refuse(connector, file.pickup, &comparison.refusal);
        }
        break;
    default:
        break;
    }
}

/* --- 4. Events ----------------------------------------------------------------------------------------------------- */

static void write_event(struct connector *connector, const lockwait_event *event)
{
    static const char *const SEVERITIES[] = {"", "Information", "Warning", "Error"};
    static char line[LINE];
    lockwait_event_info info;
    memset(&info, 0, sizeof info);
    info.size = sizeof info;
    must(lockwait_event_get(event, &info), "an event");
    if (!info.routine && lockwait_event_text(event, LOCKWAIT_TEXT_LINE, line, sizeof line, NULL) == LOCKWAIT_RESULT_OK)
        log_line(connector->options.log, (unsigned long)(info.at / 1000000U), (unsigned)(info.at / 1000U % 1000U),
                 SEVERITIES[info.severity & 3], info.id, line);
    if (connector->options.json != NULL &&
        lockwait_event_text(event, LOCKWAIT_TEXT_JSON, line, sizeof line, NULL) == LOCKWAIT_RESULT_OK) {
        fprintf(connector->options.json, "%s\n", line);
        fflush(connector->options.json);
    }
    if (info.end != LOCKWAIT_END_NONE)
        forget_folder(connector, info.pickup);
}

static void write_trace(struct connector *connector)
{
    size_t length = 0;
    while (connector->options.trace != NULL &&
           lockwait_router_next_trace_line(connector->router, NULL, 0, &length) == LOCKWAIT_RESULT_BUFFER_TOO_SMALL) {
        char *line = malloc(length + 1);
        if (line == NULL)
            return;
        must(lockwait_router_next_trace_line(connector->router, line, length + 1, NULL), "a trace");
        fprintf(connector->options.trace, "%s\n", line);
        free(line);
    }
}

static void drain_events(struct connector *connector)
{
    lockwait_event *event;
    while (lockwait_router_next_event(connector->router, &event) == LOCKWAIT_RESULT_OK) {
        write_event(connector, event);
        lockwait_event_free(event);
    }
    write_trace(connector);
}

/* --- The loop ------------------------------------------------------------------------------------------------------ */

/* How many milliseconds there are from `at` to the earlier of `until` and what the router waits for. */
static unsigned long time_left(struct connector *connector, uint64_t at, uint64_t until)
{
    uint64_t due;
    if (lockwait_router_next_timeout(connector->router, &due) == LOCKWAIT_RESULT_OK && due < until)
        until = due;
    /* Rounded up: a router that is asked too early has nothing to do. */
    return until <= at ? 0 : (unsigned long)((until - at + 999U) / 1000U);
}

static int is_idle(struct connector *connector)
{
    lockwait_counts counts;
    memset(&counts, 0, sizeof counts);
    counts.size = sizeof counts;
    must(lockwait_router_count(connector->router, &counts), "the count");
    return connector->scanned && counts.open == 0;
}

static void run(struct connector *connector)
{
    uint64_t start = now(), next_scan = start, end = start + (uint64_t)connector->options.seconds * 1000000U;
    must(lockwait_router_announce_started(connector->router, start), "the start");
    while (!options_stop(&connector->options) && (connector->options.seconds == 0 || now() < end)) {
        lockwait_action action;
        uint64_t at = now(), until;
        int done = 0;
        /* 1. What arrived; notices were put in while waiting, answers in step 3. */
        if (connector->scan_now || next_scan <= at) {
            connector->scan_now = 0;
            next_scan = at + RESCAN;
            scan(connector);
        }
        /* 2. Time has passed; too early does no harm. */
        must(lockwait_router_handle_timeout(connector->router, now()), "the time");
        /* 3. What Lockwait wants done. A host with slow volumes gives actions to worker threads. */
        memset(&action, 0, sizeof action);
        action.size = sizeof action;
        while (done < BATCH && !os_stopping() &&
               lockwait_router_next_action(connector->router, &action) == LOCKWAIT_RESULT_OK) {
            carry_out(connector, &action);
            done++;
        }
        /* 4. What the log is told. */
        drain_events(connector);
        if (connector->options.once && is_idle(connector))
            break;
        /* 5. Nothing to do until something happens or is due. */
        until = connector->options.seconds != 0 && end < next_scan ? end : next_scan;
        if (!connector->scan_now && done < BATCH)
            watch_wait(connector->watch, time_left(connector, now(), until), noticed, connector);
    }
    must(lockwait_router_stop(connector->router, now()), "the stop");
    must(lockwait_router_announce_stopped(connector->router, now()), "the stop");
    drain_events(connector);
}

/* --- The beginning and the end ------------------------------------------------------------------------------------- */

static void prepare_folder(void *user, const char *name)
{
    struct connector *connector = user;
    char path[OS_PATH];
    os_error error;
    if (!os_join(path, connector->options.destination, name))
        return;
    error = os_make_folder(path);
    if (error != 0) {
        char words[256];
        os_words(error, words, sizeof words);
        fprintf(stderr, "connector: cannot make '%s': %s\n", path, words);
        exit(2);
    }
    gateway_recover(path, connector->api_out);
}

static void set(lockwait_policy *policy, const char *key, size_t key_length, const char *value)
{
    must(lockwait_policy_set(policy, key, key_length, value, strlen(value)), key);
}

static lockwait_router *make_router(const struct options *options)
{
    lockwait_policy *policy;
    lockwait_router *router;
    lockwait_router_options setup;
    int n;
    must(lockwait_policy_new(&policy), "the policy");
    /* A header and what it names are one message. The gateway writes the header last, so the others need no time to
     * settle once it is there, and messages keep their order. */
    set(policy, "companions", 10, "gateway");
    set(policy, "settle", 6, "0s");
    for (n = 0; n < options->setting_count; n++) {
        const char *setting = options->settings[n], *equals = strchr(setting, '=');
        if (equals == NULL)
            equals = setting + strlen(setting);
        set(policy, setting, (size_t)(equals - setting), *equals == 0 ? equals : equals + 1);
    }
    memset(&setup, 0, sizeof setup);
    setup.size = sizeof setup;
    setup.quarantine = 1;
    setup.seed = now();
    must(lockwait_router_new(policy, &setup, &router), "the router");
    lockwait_policy_free(policy);
    if (options->trace != NULL)
        must(lockwait_router_trace(router), "the trace");
    return router;
}

int main(int count, char **words)
{
    static struct connector connector;
    const char *folders[WATCH_FOLDERS];
    if (lockwait_abi_version() != LOCKWAIT_ABI_VERSION) {
        fprintf(stderr, "connector: this library is %s, another than it was built for\n", lockwait_version());
        return 2;
    }
    if (!options_read(&connector.options, "connector", count, words) ||
        !os_join(connector.api_out, connector.options.source, "API_OUT") ||
        !os_join(connector.att_out, connector.options.source, "ATT_OUT"))
        return 2;
    os_catch_stop();
    gateway_folders(prepare_folder, &connector);
    folders[0] = connector.api_out;
    folders[1] = connector.att_out;
    connector.watch = watch_open(folders, WATCH_FOLDERS);
    connector.router = make_router(&connector.options);
    if (connector.watch != NULL)
        run(&connector);
    watch_close(connector.watch);
    lockwait_router_free(connector.router);
    while (connector.messages != NULL)
        forget_folder(&connector, connector.messages->leader);
    options_close(&connector.options);
    return 0;
}
