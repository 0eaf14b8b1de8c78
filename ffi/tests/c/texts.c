/* Text and names in both encodings, and buffers to the last unit. */
#include "scene.h"

#include <stdlib.h>

/* "Gr\u00fcn", a letter beyond the BMP, and an unpaired surrogate. */
static const uint16_t odd_name[] = {'G', 'r', 0xFC, 'n', 0xD83D, 0xDE00, 0xD800, 'x'};
static const uint16_t folder_utf16[] = {'/', 'i', 'n'};

enum { ODD_UNITS = sizeof odd_name / sizeof odd_name[0], FOLDER_UNITS = sizeof folder_utf16 / sizeof folder_utf16[0] };

static void an_unpaired_surrogate_survives(void)
{
    lockwait_router *router = new_router("{}", 0);
    uint64_t pickup = 0, found = 0;
    uint16_t units[32];
    size_t length = 0;
    CHECK_OK(lockwait_router_submit_utf16(router, SCENE_NOW, folder_utf16, FOLDER_UNITS, odd_name, ODD_UNITS, &pickup));
    CHECK_OK(lockwait_router_find_utf16(router, folder_utf16, FOLDER_UNITS, odd_name, ODD_UNITS, &found));
    CHECK_NUMBER(found, pickup);
    CHECK_OK(lockwait_router_place_utf16(router, pickup, LOCKWAIT_PART_NAME, units, 32, &length));
    CHECK_NUMBER(length, ODD_UNITS);
    CHECK(memcmp(units, odd_name, sizeof odd_name) == 0 && units[ODD_UNITS] == 0);
    CHECK_OK(lockwait_router_free(router));
}

static void both_encodings_name_the_same_file(void)
{
    static const uint16_t name[] = {'G', 'r', 0xFC, 'n', '.', 't', 'x', 't'};
    lockwait_router *router = new_router("{}", 0);
    uint64_t pickup = 0, found = 0;
    char text[32];
    size_t length = 0;
    CHECK_OK(lockwait_router_submit_utf16(router, SCENE_NOW, folder_utf16, FOLDER_UNITS, name, 8, &pickup));
    CHECK_OK(lockwait_router_find(router, TEXT("/in"), TEXT("Gr\xC3\xBCn.txt"), &found));
    CHECK_NUMBER(found, pickup);
    CHECK_OK(lockwait_router_place(router, pickup, LOCKWAIT_PART_NAME, text, sizeof text, &length));
    CHECK_TEXT(text, "Gr\xC3\xBCn.txt");
    CHECK_NUMBER(length, 9);
    CHECK_OK(lockwait_router_place(router, pickup, LOCKWAIT_PART_FOLDER, text, sizeof text, NULL));
    CHECK_TEXT(text, "/in");
    CHECK_OK(lockwait_router_place(router, pickup, LOCKWAIT_PART_PATH, text, sizeof text, NULL));
#ifndef _WIN32
    CHECK_TEXT(text, "/in/Gr\xC3\xBCn.txt");
#endif
    CHECK(strlen(text) == 13);
    CHECK_OK(lockwait_router_free(router));
}

static void a_name_is_a_name_and_no_path(void)
{
    static const char *const bad[] = {"a/b", "/", "../a",
#ifdef _WIN32
                                      "a\\b", "a:b", "C:",
#endif
    };
    lockwait_router *router = new_router("{}", 0);
    size_t index;
    for (index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        uint64_t pickup = 77;
        CHECK_RESULT(lockwait_router_submit(router, SCENE_NOW, TEXT("/in"), bad[index], strlen(bad[index]), &pickup),
                     INVALID_TEXT);
        CHECK_RESULT(lockwait_router_find(router, TEXT("/in"), bad[index], strlen(bad[index]), &pickup), INVALID_TEXT);
        CHECK_NUMBER(pickup, 77);
        CHECK_LAST_ERROR("name");
    }
    CHECK_OK(lockwait_router_free(router));
}

#ifndef _WIN32
static void outside_windows_a_name_is_any_bytes(void)
{
    lockwait_router *router = new_router("{}", 0);
    char text[32];
    uint64_t pickup = submit(router, SCENE_NOW, "/in\xFF", "a\\b:\xFE\x80");
    CHECK_OK(lockwait_router_place(router, pickup, LOCKWAIT_PART_PATH, text, sizeof text, NULL));
    CHECK_TEXT(text, "/in\xFF/a\\b:\xFE\x80");
    CHECK_OK(lockwait_router_free(router));
}
#endif

/* Every capacity from none to more than enough: all or nothing, and never a unit beyond it. */
static void a_buffer_gets_all_or_nothing(void)
{
    lockwait_router *router = new_router("{}", 0);
    uint64_t pickup = submit(router, SCENE_NOW, "/in", "12345");
    size_t capacity, length, index;
    for (capacity = 0; capacity <= 8; capacity++) {
        char bytes[10];
        uint16_t units[10];
        memset(bytes, '#', sizeof bytes);
        memset(units, '#', sizeof units);
        length = 99;
        if (capacity < 6) {
            CHECK_RESULT(lockwait_router_place(router, pickup, LOCKWAIT_PART_NAME, bytes, capacity, &length),
                         BUFFER_TOO_SMALL);
            CHECK_NUMBER(length, 5);
            length = 99;
            CHECK_RESULT(lockwait_router_place_utf16(router, pickup, LOCKWAIT_PART_NAME, units, capacity, &length),
                         BUFFER_TOO_SMALL);
            CHECK_RESULT(lockwait_router_place(router, pickup, LOCKWAIT_PART_NAME, bytes, capacity, NULL),
                         BUFFER_TOO_SMALL);
            CHECK(bytes[0] == '#' && units[0] == 0x2323);
        } else {
            CHECK_OK(lockwait_router_place(router, pickup, LOCKWAIT_PART_NAME, bytes, capacity, &length));
            CHECK_TEXT(bytes, "12345");
            CHECK_OK(lockwait_router_place_utf16(router, pickup, LOCKWAIT_PART_NAME, units, capacity, &length));
            CHECK(units[0] == '1' && units[4] == '5' && units[5] == 0);
            CHECK(bytes[6] == '#' && units[6] == 0x2323);
        }
        CHECK_NUMBER(length, 5);
        for (index = capacity; index < 10; index++)
            CHECK(bytes[index] == '#' && units[index] == 0x2323);
    }
    CHECK_OK(lockwait_router_free(router));
}

/* A name longer than any system has. */
static void a_name_may_be_long(void)
{
    enum { LONG = 100000 };
    lockwait_router *router = new_router("{}", 0);
    char *name = need(LONG + 1), *back = need(LONG + 1);
    size_t length = 0;
    uint64_t pickup = 0;
    memset(name, 'n', LONG);
    CHECK_OK(lockwait_router_submit(router, SCENE_NOW, TEXT("/in"), name, LONG, &pickup));
    CHECK_OK(lockwait_router_place(router, pickup, LOCKWAIT_PART_NAME, back, LONG + 1, &length));
    CHECK_NUMBER(length, LONG);
    CHECK(memcmp(name, back, LONG) == 0);
    free(name);
    free(back);
    CHECK_OK(lockwait_router_free(router));
}

static void an_event_has_its_texts_in_both_encodings(void)
{
    lockwait_event *event = held_event();
    uint32_t which;
    for (which = LOCKWAIT_TEXT_LINE; which < LOCKWAIT_TEXT_INSERTION + 8; which++) {
        static char text[16384];
        static uint16_t units[16384];
        size_t length = 0, wide = 0, index;
        if (which > LOCKWAIT_TEXT_TO && which < LOCKWAIT_TEXT_INSERTION) {
            CHECK_RESULT(lockwait_event_text(event, which, text, sizeof text, &length), INVALID_ARGUMENT);
            continue;
        }
        CHECK_OK(lockwait_event_text(event, which, text, sizeof text, &length));
        CHECK_OK(lockwait_event_text_utf16(event, which, units, 16384, &wide));
        CHECK_NUMBER(strlen(text), length);
        /* All of it is ASCII here. */
        CHECK_NUMBER(wide, length);
        for (index = 0; index < length; index++)
            CHECK_NUMBER(units[index], (unsigned char)text[index]);
        if (which == LOCKWAIT_TEXT_PATH)
            CHECK(strstr(text, SCENE_NAME) != NULL);
        if (which == LOCKWAIT_TEXT_TO)
            CHECK_NUMBER(length, 0);
        if (which == LOCKWAIT_TEXT_JSON)
            CHECK(text[0] == '{' && strstr(text, "\"id\":6067") != NULL && strchr(text, '\n') == NULL);
        if (which == LOCKWAIT_TEXT_LINE)
            CHECK(strstr(text, "stuck.exe") != NULL && strchr(text, '\n') == NULL);
    }
    CHECK_OK(lockwait_event_free(event));
}

const struct test texts_tests[] = {
    {"an_unpaired_surrogate_survives", an_unpaired_surrogate_survives},
    {"both_encodings_name_the_same_file", both_encodings_name_the_same_file},
    {"a_name_is_a_name_and_no_path", a_name_is_a_name_and_no_path},
#ifndef _WIN32
    {"outside_windows_a_name_is_any_bytes", outside_windows_a_name_is_any_bytes},
#endif
    {"a_buffer_gets_all_or_nothing", a_buffer_gets_all_or_nothing},
    {"a_name_may_be_long", a_name_may_be_long},
    {"an_event_has_its_texts_in_both_encodings", an_event_has_its_texts_in_both_encodings},
    {NULL, NULL},
};
