/* Codes explained, read and written, in every domain. */
#include "harness.h"

static const struct {
    uint32_t domain, value, cause;
    const char *name, *canonical, *written[3];
} codes[] = {
    {LOCKWAIT_DOMAIN_WIN32, 0, LOCKWAIT_CAUSE_CLEAR, "ERROR_SUCCESS", "win32:0", {"0", "win32:0", "0x0"}},
    {LOCKWAIT_DOMAIN_WIN32, 32, LOCKWAIT_CAUSE_LOCK, "ERROR_SHARING_VIOLATION", "win32:32",
     {"32", "0x80070020", "ERROR_SHARING_VIOLATION"}},
    {LOCKWAIT_DOMAIN_WIN32, 33, LOCKWAIT_CAUSE_RANGE_LOCK, "ERROR_LOCK_VIOLATION", "win32:33", {"33", "win32:33", NULL}},
    {LOCKWAIT_DOMAIN_WIN32, 2, LOCKWAIT_CAUSE_GONE, "ERROR_FILE_NOT_FOUND", "win32:2", {"2", NULL, NULL}},
    {LOCKWAIT_DOMAIN_ERRNO, 11, LOCKWAIT_CAUSE_LOCK, "EAGAIN", "errno:EAGAIN", {"errno:EAGAIN", "errno:11", NULL}},
    {LOCKWAIT_DOMAIN_ERRNO, 2, LOCKWAIT_CAUSE_GONE, "ENOENT", "errno:ENOENT", {"ENOENT", NULL, NULL}},
    {LOCKWAIT_DOMAIN_NTSTATUS, 0xC0000043, LOCKWAIT_CAUSE_LOCK, "STATUS_SHARING_VIOLATION", "ntstatus:0xc0000043",
     {"c0000043", "0xC0000043", "STATUS_SHARING_VIOLATION"}},
    {LOCKWAIT_DOMAIN_NCP, 0x80, LOCKWAIT_CAUSE_LOCK, NULL, "ncp:0x80", {"ncp:0x80", "ncp:128", NULL}},
    {LOCKWAIT_DOMAIN_LOCKWAIT, LOCKWAIT_FINDING_UNFINISHED, LOCKWAIT_CAUSE_UNKNOWN, NULL, NULL, {NULL, NULL, NULL}},
};

enum { CODES = sizeof codes / sizeof codes[0] };

static lockwait_explanation explain(uint32_t domain, uint32_t value)
{
    lockwait_explanation explanation;
    explanation.size = sizeof explanation;
    CHECK_OK(lockwait_code_explain(domain, value, &explanation));
    CHECK(explanation.cause <= LOCKWAIT_CAUSE_UNKNOWN);
    CHECK(explanation.meaning.data != NULL && explanation.cause_name.data != NULL && explanation.advice.data != NULL);
    CHECK(explanation.cause_name.len > 0 && explanation.advice.len > 0 && explanation.name.data != NULL);
    return explanation;
}

static void every_domain_explains_its_codes(void)
{
    size_t index;
    for (index = 0; index < CODES; index++) {
        lockwait_explanation found = explain(codes[index].domain, codes[index].value);
        if (codes[index].domain != LOCKWAIT_DOMAIN_LOCKWAIT)
            CHECK_NUMBER(found.cause, codes[index].cause);
        if (codes[index].name != NULL)
            CHECK(is_text(found.name, codes[index].name));
        CHECK(found.meaning.len > 0);
    }
}

static void a_code_in_no_table_is_unknown(void)
{
    uint32_t domain;
    for (domain = LOCKWAIT_DOMAIN_WIN32; domain <= LOCKWAIT_DOMAIN_LOCKWAIT; domain++) {
        lockwait_explanation found = explain(domain, 0x7ABCDEF1);
        CHECK_NUMBER(found.cause, LOCKWAIT_CAUSE_UNKNOWN);
        CHECK_NUMBER(found.name.len, 0);
    }
}

static void codes_are_read_and_written(void)
{
    size_t index, way;
    for (index = 0; index < CODES; index++) {
        char text[64];
        size_t length = 0;
        uint32_t domain = 0, value = 0;
        CHECK_OK(lockwait_code_format(codes[index].domain, codes[index].value, text, sizeof text, &length));
        CHECK_NUMBER(strlen(text), length);
        if (codes[index].canonical != NULL)
            CHECK_TEXT(text, codes[index].canonical);
        CHECK_OK(lockwait_code_parse(text, length, &domain, &value));
        CHECK_NUMBER(domain, codes[index].domain);
        CHECK_NUMBER(value, codes[index].value);
        for (way = 0; way < 3 && codes[index].written[way] != NULL; way++) {
            const char *written = codes[index].written[way];
            domain = value = 99;
            CHECK_OK(lockwait_code_parse(written, strlen(written), &domain, &value));
            CHECK_NUMBER(domain, codes[index].domain);
            CHECK_NUMBER(value, codes[index].value);
        }
    }
}

static void what_is_no_code_is_refused_with_what_one_looks_like(void)
{
    static const char *const bad[] = {"", " ", "win32:", "win32:-1", "ERRNO", "0x1FFFFFFFF", "errno:ENOSUCHTHING", "ncp:"};
    size_t index;
    for (index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        uint32_t domain = 99, value = 98;
        CHECK_RESULT(lockwait_code_parse(bad[index], strlen(bad[index]), &domain, &value), INVALID_TEXT);
        CHECK(domain == 99 && value == 98);
        CHECK(strlen(last_error()) > 10);
    }
}

const struct test codes_tests[] = {
    {"every_domain_explains_its_codes", every_domain_explains_its_codes},
    {"a_code_in_no_table_is_unknown", a_code_in_no_table_is_unknown},
    {"codes_are_read_and_written", codes_are_read_and_written},
    {"what_is_no_code_is_refused_with_what_one_looks_like", what_is_no_code_is_refused_with_what_one_looks_like},
    {NULL, NULL},
};
