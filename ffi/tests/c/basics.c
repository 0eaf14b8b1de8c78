/* Versions, the clock, result names, the last error, the panic handler. */
#include "harness.h"

static void the_version_says_the_flavour(void)
{
#ifdef LOCKWAIT_LEGACY
    const char *flavour = " legacy";
#else
    const char *flavour = " modern";
#endif
    const char *version = lockwait_version();
    CHECK(version[0] >= '0' && version[0] <= '9');
    CHECK(strlen(version) > strlen(flavour));
    CHECK_TEXT(version + strlen(version) - strlen(flavour), flavour);
    CHECK_NUMBER(lockwait_abi_version(), LOCKWAIT_ABI_VERSION);
}

static void the_clock_goes(void)
{
    uint64_t first = 0, second = 0;
    CHECK_OK(lockwait_now(&first));
    do
        CHECK_OK(lockwait_now(&second));
    while (second == first);
    CHECK(second > first);
    /* Between 2020 and 2200: it counts microseconds since 1970. */
    CHECK(first > UINT64_C(1577836800000000) && first < UINT64_C(7258118400000000));
}

static void every_result_has_a_name_and_a_meaning(void)
{
    static const struct {
        lockwait_result result;
        const char *name;
    } results[] = {
        {LOCKWAIT_RESULT_OK, "OK"},
        {LOCKWAIT_RESULT_EMPTY, "EMPTY"},
        {LOCKWAIT_RESULT_TIMEOUT, "TIMEOUT"},
        {LOCKWAIT_RESULT_NULL_POINTER, "NULL_POINTER"},
        {LOCKWAIT_RESULT_INVALID_HANDLE, "INVALID_HANDLE"},
        {LOCKWAIT_RESULT_INVALID_ARGUMENT, "INVALID_ARGUMENT"},
        {LOCKWAIT_RESULT_INVALID_SIZE, "INVALID_SIZE"},
        {LOCKWAIT_RESULT_INVALID_TEXT, "INVALID_TEXT"},
        {LOCKWAIT_RESULT_BUFFER_TOO_SMALL, "BUFFER_TOO_SMALL"},
        {LOCKWAIT_RESULT_INVALID_POLICY, "INVALID_POLICY"},
        {LOCKWAIT_RESULT_NO_SUCH_PICKUP, "NO_SUCH_PICKUP"},
        {LOCKWAIT_RESULT_NOT_ASKED, "NOT_ASKED"},
        {LOCKWAIT_RESULT_WRONG_ANSWER, "WRONG_ANSWER"},
        {LOCKWAIT_RESULT_TRACE_MALFORMED, "TRACE_MALFORMED"},
        {LOCKWAIT_RESULT_TRACE_DIFFERS, "TRACE_DIFFERS"},
        {LOCKWAIT_RESULT_INVALID_SNAPSHOT, "INVALID_SNAPSHOT"},
        {LOCKWAIT_RESULT_WRONG_STATE, "WRONG_STATE"},
        {LOCKWAIT_RESULT_CANNOT_START, "CANNOT_START"},
        {LOCKWAIT_RESULT_SYSTEM, "SYSTEM"},
        {LOCKWAIT_RESULT_UNSUPPORTED, "UNSUPPORTED"},
        {LOCKWAIT_RESULT_TOO_MANY, "TOO_MANY"},
        {LOCKWAIT_RESULT_PANIC, "PANIC"},
        {51, "UNKNOWN"},
        {UINT32_MAX, "UNKNOWN"},
    };
    size_t index;
    for (index = 0; index < sizeof results / sizeof results[0]; index++) {
        CHECK_TEXT(lockwait_result_name(results[index].result), results[index].name);
        CHECK(strlen(lockwait_result_text(results[index].result)) > 3);
    }
}

static void the_last_error_says_what_is_wrong(void)
{
    char small[4];
    size_t length = 0;
    uint64_t at = 0;
    CHECK_RESULT(lockwait_code_format(6, 32, small, sizeof small, NULL), INVALID_ARGUMENT);
    CHECK_LAST_ERROR("'domain': 6");
    /* What succeeds, and what is no error, leaves it. */
    CHECK_OK(lockwait_now(&at));
    CHECK_LAST_ERROR("'domain': 6");
    /* To ask for it leaves it, too, whatever comes of that. */
    memset(small, '#', sizeof small);
    CHECK_RESULT(lockwait_last_error(small, sizeof small, &length), BUFFER_TOO_SMALL);
    CHECK(length > sizeof small && small[0] == '#');
    CHECK_RESULT(lockwait_last_error(NULL, 0, NULL), NULL_POINTER);
    CHECK_LAST_ERROR("'domain': 6");
    CHECK_RESULT(lockwait_now(NULL), NULL_POINTER);
    CHECK_LAST_ERROR("'now' is NULL");
    CHECK_RESULT(lockwait_router_handle_timeout((lockwait_router *)&at, 0), INVALID_HANDLE);
    CHECK_LAST_ERROR("handle");
}

static void note_fault(void *user, const char *text, size_t length)
{
    (void)text;
    (void)length;
    *(int *)user += 1;
}

static void a_panic_handler_is_set_and_taken_away(void)
{
    int faults = 0;
    uint64_t at = 0;
    CHECK_OK(lockwait_set_panic_handler(note_fault, &faults));
    CHECK_OK(lockwait_now(&at));
    CHECK_RESULT(lockwait_now(NULL), NULL_POINTER);
    CHECK_NUMBER((uint64_t)faults, 0);
    CHECK_OK(lockwait_set_panic_handler(NULL, NULL));
}

const struct test basics_tests[] = {
    {"the_version_says_the_flavour", the_version_says_the_flavour},
    {"the_clock_goes", the_clock_goes},
    {"every_result_has_a_name_and_a_meaning", every_result_has_a_name_and_a_meaning},
    {"the_last_error_says_what_is_wrong", the_last_error_says_what_is_wrong},
    {"a_panic_handler_is_set_and_taken_away", a_panic_handler_is_set_and_taken_away},
    {NULL, NULL},
};
