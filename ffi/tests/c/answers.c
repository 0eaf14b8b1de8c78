/* Every answer a host can give, and what content says. */
#include "scene.h"

#include <stdlib.h>

static void an_answer_that_does_not_fit_is_refused(void)
{
    static const struct {
        enum stage stage;
        lockwait_result opened, refused, taken, changed, holders, rejected, quarantined;
    } rows[] = {
#define YES LOCKWAIT_RESULT_OK
#define NO LOCKWAIT_RESULT_WRONG_ANSWER
#define LATE LOCKWAIT_RESULT_NOT_ASKED
        /*              opened refused taken changed holders rejected quarantined */
        {TRYING,        YES,   YES,    NO,   NO,     NO,     YES,     NO},
        {TAKING,        NO,    YES,    YES,  YES,    NO,     YES,     NO},
        {IDENTIFYING,   NO,    NO,     NO,   NO,     YES,    NO,      NO},
        {QUARANTINING,  NO,    YES,    NO,   NO,     NO,     NO,      YES},
        {WAITING,       LATE,  LATE,   LATE, LATE,   LATE,   LATE,    LATE},
    };
    size_t row, which;
    for (row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        for (which = 0; which < 7; which++) {
            struct scene scene;
            lockwait_router *router;
            lockwait_look look;
            lockwait_result found = 0, expected = 0;
            scene_begin(&scene, rows[row].stage);
            router = scene_object(&scene, A_ROUTER);
            memset(&look, 0, sizeof look);
            look.size = sizeof look;
            switch (which) {
            case 0:
                found = lockwait_router_answer_opened(router, scene.now, scene.pickup, &look);
                expected = rows[row].opened;
                break;
            case 1:
                found = lockwait_router_answer_code(router, scene.now, scene.pickup, LOCKWAIT_DOMAIN_ERRNO, 11);
                expected = rows[row].refused;
                break;
            case 2:
                found = lockwait_router_answer_taken(router, scene.now, scene.pickup, TEXT("/out/a"), 1);
                expected = rows[row].taken;
                break;
            case 3:
                found = lockwait_router_answer_changed(router, scene.now, scene.pickup, NULL);
                expected = rows[row].changed;
                break;
            case 4:
                found = lockwait_router_answer_holders(router, scene.now, scene.pickup, NULL, 0);
                expected = rows[row].holders;
                break;
            case 5:
                found = lockwait_router_answer_rejected(router, scene.now, scene.pickup, LOCKWAIT_DOMAIN_LOCKWAIT, 4);
                expected = rows[row].rejected;
                break;
            case 6:
                found = lockwait_router_answer_quarantined(router, scene.now, scene.pickup, TEXT("/bad/a"));
                expected = rows[row].quarantined;
                break;
            }
            if (found != expected)
                fail(__FILE__, __LINE__, "row %u, answer %u: %s instead of %s", (unsigned)row, (unsigned)which,
                     lockwait_result_name(found), lockwait_result_name(expected));
            scene_end(&scene);
        }
    }
}

/* Every code of every domain may come as an answer. */
static void any_code_is_an_answer(void)
{
    uint32_t domain, value;
    for (domain = LOCKWAIT_DOMAIN_WIN32; domain <= LOCKWAIT_DOMAIN_LOCKWAIT; domain++) {
        for (value = 0; value < 300; value++) {
            lockwait_router *router = new_router("{}", 0);
            uint64_t pickup = submit(router, SCENE_NOW, "/in", "a");
            expect_action(router, LOCKWAIT_ACTION_TRY, pickup);
            CHECK_OK(lockwait_router_answer_code(router, SCENE_NOW, pickup, domain, value));
            CHECK_RESULT(lockwait_router_answer_code(router, SCENE_NOW, pickup, 0, value), INVALID_ARGUMENT);
            CHECK_OK(lockwait_router_free(router));
        }
    }
}

static void a_full_refusal_is_taken_apart(void)
{
    static const struct {
        size_t field; /* offset of a field that must not be just any number */
    } fields[] = {
        {offsetof(lockwait_refusal, domain)},
        {offsetof(lockwait_refusal, scope)},
        {offsetof(lockwait_refusal, access)},
        {offsetof(lockwait_refusal, method)},
    };
    lockwait_router *router = new_router("{}", 0);
    lockwait_refusal refusal;
    lockwait_view view;
    size_t index;
    uint64_t pickup = submit(router, SCENE_NOW, "/in", "a");
    expect_action(router, LOCKWAIT_ACTION_TRY, pickup);
    memset(&refusal, 0, sizeof refusal);
    refusal.size = sizeof refusal;
    refusal.domain = LOCKWAIT_DOMAIN_NCP;
    refusal.value = 0x80;
    refusal.access = LOCKWAIT_ACCESS_WRITE;
    refusal.method = LOCKWAIT_METHOD_SHARE_MODE;
    refusal.has_facts = 1;
    refusal.facts.bytes = UINT64_MAX;
    for (index = 0; index < sizeof fields / sizeof fields[0]; index++) {
        lockwait_refusal bad = refusal;
        uint32_t number = 4711;
        memcpy((char *)&bad + fields[index].field, &number, sizeof number);
        CHECK_RESULT(lockwait_router_answer_refused(router, SCENE_NOW, pickup, &bad), INVALID_ARGUMENT);
        CHECK_LAST_ERROR("4711");
    }
    CHECK_OK(lockwait_router_answer_refused(router, SCENE_NOW, pickup, &refusal));
    view.size = sizeof view;
    CHECK_OK(lockwait_router_view(router, pickup, &view));
    CHECK(view.code_domain == LOCKWAIT_DOMAIN_NCP && view.code_value == 0x80 && view.attempts == 1);
    CHECK_OK(lockwait_router_free(router));
}

static void a_look_with_wrong_parts_is_refused(void)
{
    lockwait_router *router = new_router("{}", 0);
    lockwait_look good, bad;
    lockwait_place place;
    static const unsigned char byte = 'x';
    uint64_t pickup = submit(router, SCENE_NOW, "/in", "a");
    expect_action(router, LOCKWAIT_ACTION_TRY, pickup);
    memset(&good, 0, sizeof good);
    good.size = sizeof good;
    good.content = LOCKWAIT_CONTENT_CHECK;
#define WITH(change, result) \
    do { \
        bad = good; \
        change; \
        CHECK_RESULT(lockwait_router_answer_opened(router, SCENE_NOW, pickup, &bad), result); \
    } while (0)
    WITH(bad.content = 3, INVALID_ARGUMENT);
    WITH(bad.method = LOCKWAIT_METHOD_STABILITY + 1, INVALID_ARGUMENT);
    WITH(bad.head_length = 1, NULL_POINTER);
    WITH(bad.tail_length = 1, NULL_POINTER);
    WITH(bad.companion_count = 1, NULL_POINTER);
    WITH((bad.head = &byte, bad.head_length = SIZE_MAX), INVALID_ARGUMENT);
    WITH((bad.tail = &byte, bad.tail_length = SIZE_MAX / 2), INVALID_ARGUMENT);
    memset(&place, 0, sizeof place);
    WITH((bad.companions = &place, bad.companion_count = SIZE_MAX / 4), INVALID_ARGUMENT);
    WITH((bad.companions = &place, bad.companion_count = SIZE_MAX / sizeof place / 2), INVALID_ARGUMENT);
    WITH((bad.companions = &place, bad.companion_count = 1), INVALID_TEXT);
    place.folder.data = place.name.data = (const char *)&byte;
    place.folder.len = place.name.len = SIZE_MAX;
    WITH((bad.companions = &place, bad.companion_count = 1), INVALID_ARGUMENT);
    CHECK_OK(lockwait_router_answer_opened(router, SCENE_NOW, pickup, &good));
    CHECK_OK(lockwait_router_free(router));
}

static void holders_are_checked_one_by_one(void)
{
    struct scene scene;
    lockwait_router *router;
    lockwait_holder holders[3], found;
    lockwait_event_info info;
    lockwait_event *event;
    size_t index;
    scene_begin(&scene, IDENTIFYING);
    router = scene_object(&scene, A_ROUTER);
    memset(holders, 0, sizeof holders);
    for (index = 0; index < 3; index++)
        holders[index].size = sizeof holders[index];
    holders[0].name.data = "Zo\xC3\xAB";
    holders[0].name.len = 4;
    holders[1].address.data = "10.1.2.3";
    holders[1].address.len = 8;
    holders[1].access = LOCKWAIT_ACCESS_READ_WRITE;
    holders[1].others = UINT32_MAX;
    holders[2].own = 7;
    holders[2].share.data = "flock";
    holders[2].share.len = 5;
#define REFUSED(field, value, result) \
    do { \
        found = holders[2]; \
        holders[2].field = value; \
        CHECK_RESULT(lockwait_router_answer_holders(router, scene.now, scene.pickup, holders, 3), result); \
        holders[2] = found; \
    } while (0)
    REFUSED(size, sizeof found + 8, INVALID_ARGUMENT);
    REFUSED(size, 0, INVALID_SIZE);
    REFUSED(access, 4, INVALID_ARGUMENT);
    REFUSED(owner, 3, INVALID_ARGUMENT);
    REFUSED(share.data, NULL, NULL_POINTER);
    REFUSED(share.data, "\xFF\xFF\xFF\xFF\xFF", INVALID_TEXT);
    REFUSED(name.len, 1, NULL_POINTER);
    CHECK_OK(lockwait_router_answer_holders(router, scene.now, scene.pickup, holders, 3));
    event = expect_event(router, LOCKWAIT_EVENT_LOCK_HELD, &info);
    CHECK_NUMBER(info.holders, 3);
    found.size = sizeof found;
    CHECK_OK(lockwait_event_holder(event, 0, &found));
    CHECK(is_text(found.name, "Zo\xC3\xAB") && found.pid == 0 && found.own == 0);
    CHECK_OK(lockwait_event_holder(event, 1, &found));
    CHECK(is_text(found.address, "10.1.2.3") && found.access == LOCKWAIT_ACCESS_READ_WRITE && found.others == UINT32_MAX);
    CHECK_OK(lockwait_event_holder(event, 2, &found));
    CHECK(is_text(found.share, "flock") && found.own == 1);
    CHECK_OK(lockwait_event_free(event));
    scene_end(&scene);
}

static void asked_and_not_asked_are_three_answers(void)
{
    struct scene scene;
    lockwait_event_info info;
    int which;
    for (which = 0; which < 2; which++) {
        lockwait_router *router;
        scene_begin(&scene, IDENTIFYING);
        router = scene_object(&scene, A_ROUTER);
        if (which == 0)
            CHECK_OK(lockwait_router_answer_holders(router, scene.now, scene.pickup, NULL, 0));
        else
            CHECK_OK(lockwait_router_answer_could_not_ask(router, scene.now, scene.pickup, LOCKWAIT_DOMAIN_WIN32, 50));
        CHECK_OK(lockwait_event_free(expect_event(router, LOCKWAIT_EVENT_LOCK_HELD, &info)));
        CHECK_NUMBER(info.asked, which == 0 ? LOCKWAIT_ASKED_FOUND : LOCKWAIT_ASKED_COULD_NOT);
        CHECK_NUMBER(info.holders, 0);
        scene_end(&scene);
    }
}

/* What changed in the burst goes back to waiting; what is rejected goes to the bad folder, or stays. */
static void changed_and_rejected_files_end_as_they_should(void)
{
    struct scene scene;
    lockwait_router *router;
    lockwait_event_info info;
    lockwait_facts facts;
    uint64_t pickup;
    memset(&facts, 0, sizeof facts);
    scene_begin(&scene, TAKING);
    router = scene_object(&scene, A_ROUTER);
    CHECK_OK(lockwait_router_answer_changed(router, scene.now, scene.pickup, &facts));
    expect_no_action(router);
    wait_for_action(router, &scene.now, LOCKWAIT_ACTION_TRY, scene.pickup);
    scene_end(&scene);

    scene_begin(&scene, QUARANTINING);
    router = scene_object(&scene, A_ROUTER);
    CHECK_OK(lockwait_router_answer_quarantined(router, scene.now, scene.pickup, TEXT("/bad/a.pdf")));
    CHECK_OK(lockwait_event_free(expect_event(router, LOCKWAIT_EVENT_GAVE_UP, &info)));
    CHECK_NUMBER(info.end, LOCKWAIT_END_QUARANTINED);
    scene_end(&scene);

    router = new_router("{}", 0);
    pickup = submit(router, SCENE_NOW, "/in", "a");
    expect_action(router, LOCKWAIT_ACTION_TRY, pickup);
    CHECK_OK(lockwait_router_answer_rejected(router, SCENE_NOW, pickup, LOCKWAIT_DOMAIN_LOCKWAIT, 4));
    CHECK_OK(lockwait_event_free(expect_event(router, LOCKWAIT_EVENT_GAVE_UP, &info)));
    CHECK_NUMBER(info.end, LOCKWAIT_END_REFUSED);
    CHECK_NUMBER(info.severity, LOCKWAIT_SEVERITY_ERROR);
    CHECK_OK(lockwait_router_free(router));
}

static const char header[] = "WPC-API= 1.2;\nMsg-Type= Mail;\nMsg-File= A7F7CB6F.BDY;\n"
                             "Attach-File=\n    Current-File= A7F7CB70.001;\n    Original-File= Comments.txt;\n    ;\n"
                             "-END-\n";

/* Answers a TRY with content that Lockwait is to read itself; the whole file is the head. */
static void answer_read(lockwait_router *router, uint64_t pickup, const char *content, size_t length)
{
    lockwait_look look;
    memset(&look, 0, sizeof look);
    look.size = sizeof look;
    look.content = LOCKWAIT_CONTENT_CHECK;
    look.facts.bytes = length;
    look.head = (const unsigned char *)content;
    look.head_length = length;
    CHECK_OK(lockwait_router_answer_opened(router, SCENE_NOW, pickup, &look));
}

/* A gateway header leads its body and attachment: they are taken first, the header last. */
static void a_header_and_what_it_names_travel_together(void)
{
    lockwait_router *router = new_router("{\"companions\": \"gateway\"}", 0);
    uint64_t leader = submit(router, SCENE_NOW, "/gw/API_OUT", "1.API");
    uint64_t taken[3], members[2] = {0, 0};
    lockwait_view view;
    lockwait_action action;
    unsigned count = 0;
    expect_action(router, LOCKWAIT_ACTION_TRY, leader);
    answer_read(router, leader, header, sizeof header - 1);
    CHECK_OK(lockwait_router_find(router, TEXT("/gw/ATT_OUT"), TEXT("A7F7CB6F.BDY"), &members[0]));
    CHECK_OK(lockwait_router_find(router, TEXT("/gw/ATT_OUT"), TEXT("A7F7CB70.001"), &members[1]));
    view.size = sizeof view;
    CHECK_OK(lockwait_router_view(router, members[0], &view));
    CHECK_NUMBER(view.leader, leader);
    CHECK_OK(lockwait_router_view(router, leader, &view));
    CHECK_NUMBER(view.leader, leader);
    action.size = sizeof action;
    while (lockwait_router_next_action(router, &action) == LOCKWAIT_RESULT_OK) {
        if (action.kind == LOCKWAIT_ACTION_TRY) {
            answer_found(router, SCENE_NOW, action.pickup, LOCKWAIT_CONTENT_COMPLETE, 1);
        } else {
            CHECK_NUMBER(action.kind, LOCKWAIT_ACTION_TAKE);
            CHECK(count < 3);
            taken[count++] = action.pickup;
            CHECK_OK(lockwait_router_answer_taken(router, SCENE_NOW, action.pickup, TEXT("/out/x"), 1));
        }
    }
    CHECK_NUMBER(count, 3);
    CHECK_NUMBER(taken[2], leader);
    CHECK(taken[0] != leader && taken[1] != leader);
    CHECK_OK(lockwait_router_free(router));
}

/* A header without its end is not finished, and one that names a way out of its folder is refused. */
static void an_unfinished_header_waits_and_a_wicked_one_is_refused(void)
{
    static const char wicked[] = "WPC-API= 1.2;\nMsg-File= ../../etc/passwd;\n-END-\n";
    lockwait_router *router = new_router("{\"companions\": \"gateway\"}", 0);
    lockwait_event_info info;
    lockwait_view view;
    uint64_t unfinished = submit(router, SCENE_NOW, "/gw/API_OUT", "1.API"), refused;
    expect_action(router, LOCKWAIT_ACTION_TRY, unfinished);
    answer_read(router, unfinished, header, sizeof header - 8);
    view.size = sizeof view;
    CHECK_OK(lockwait_router_view(router, unfinished, &view));
    CHECK(view.held != 0 && view.code_domain == LOCKWAIT_DOMAIN_LOCKWAIT);
    CHECK_NUMBER(view.code_value, LOCKWAIT_FINDING_UNFINISHED);
    refused = submit(router, SCENE_NOW, "/gw/API_OUT", "2.API");
    expect_action(router, LOCKWAIT_ACTION_TRY, refused);
    answer_read(router, refused, wicked, sizeof wicked - 1);
    CHECK_OK(lockwait_event_free(expect_event(router, LOCKWAIT_EVENT_GAVE_UP, &info)));
    CHECK(info.code_domain == LOCKWAIT_DOMAIN_LOCKWAIT && info.pickup == refused);
    CHECK_NUMBER(info.code_value, LOCKWAIT_FINDING_OUTSIDE);
    CHECK_OK(lockwait_router_free(router));
}

/* Companions that the host knows itself. */
static void a_host_names_companions(void)
{
    lockwait_router *router = new_router("{\"companions\": \"gateway\"}", 0);
    lockwait_place places[2];
    lockwait_look look;
    uint64_t leader = submit(router, SCENE_NOW, "/in", "lead.api"), found = 0;
    memset(&look, 0, sizeof look);
    look.size = sizeof look;
    look.content = LOCKWAIT_CONTENT_COMPLETE;
    look.companions = places;
    look.companion_count = 2;
    places[0].folder.data = places[1].folder.data = "/in";
    places[0].folder.len = places[1].folder.len = 3;
    places[0].name.data = "b";
    places[1].name.data = "c";
    places[0].name.len = places[1].name.len = 1;
    expect_action(router, LOCKWAIT_ACTION_TRY, leader);
    CHECK_OK(lockwait_router_answer_opened(router, SCENE_NOW, leader, &look));
    CHECK_OK(lockwait_router_find(router, TEXT("/in"), TEXT("c"), &found));
    CHECK_OK(lockwait_router_free(router));
}

static void content_proves_its_end(void)
{
    static const struct {
        const char *name, *text;
        uint32_t content;
    } rows[] = {
        {"1.API", "WPC-API= 1.2;\n-END-\n", LOCKWAIT_CONTENT_COMPLETE},
        {"1.API", "WPC-API= 1.2;\n-EN", LOCKWAIT_CONTENT_INCOMPLETE},
        {"a.pdf", "%PDF-1.4\nxref\nstartxref\n9\n%%EOF\n", LOCKWAIT_CONTENT_COMPLETE},
        {"a.pdf", "%PDF-1.4\n", LOCKWAIT_CONTENT_INCOMPLETE},
        {"a.bin", "whatever", LOCKWAIT_CONTENT_UNKNOWN},
    };
    size_t index, want_head = 0, want_tail = 0;
    for (index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        const char *name = rows[index].name;
        const unsigned char *text = (const unsigned char *)rows[index].text;
        size_t length = strlen(rows[index].text);
        uint32_t content = 99;
        CHECK_OK(lockwait_content_check(name, strlen(name), length, text, length, text, length, &content));
        if (content != rows[index].content)
            fail(__FILE__, __LINE__, "\"%s\" is %u", rows[index].text, (unsigned)content);
    }
    CHECK_OK(lockwait_content_wanted(TEXT("a.pdf"), NULL, 0, &want_head, &want_tail));
    CHECK(want_head > 0 && want_tail > 0);
}

const struct test answers_tests[] = {
    {"an_answer_that_does_not_fit_is_refused", an_answer_that_does_not_fit_is_refused},
    {"any_code_is_an_answer", any_code_is_an_answer},
    {"a_full_refusal_is_taken_apart", a_full_refusal_is_taken_apart},
    {"a_look_with_wrong_parts_is_refused", a_look_with_wrong_parts_is_refused},
    {"holders_are_checked_one_by_one", holders_are_checked_one_by_one},
    {"asked_and_not_asked_are_three_answers", asked_and_not_asked_are_three_answers},
    {"changed_and_rejected_files_end_as_they_should", changed_and_rejected_files_end_as_they_should},
    {"a_header_and_what_it_names_travel_together", a_header_and_what_it_names_travel_together},
    {"an_unfinished_header_waits_and_a_wicked_one_is_refused", an_unfinished_header_waits_and_a_wicked_one_is_refused},
    {"a_host_names_companions", a_host_names_companions},
    {"content_proves_its_end", content_proves_its_end},
    {NULL, NULL},
};
