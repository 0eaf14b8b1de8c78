/* Policies from JSON and by setters. */
#include "scene.h"

#include <stdlib.h>

/* Every key, its default, and another value. */
static const struct {
    const char *key, *standard, *other;
} keys[] = {
    {"retry", "200ms", "300ms"},   {"retry_for", "10s", "11s"},   {"retry_cap", "5s", "6s"},
    {"quiet", "5s", "4s"},         {"patience", "30s", "20s"},    {"settle", "1s", "0ms"},
    {"reminder", "1h", "30m"},     {"give_up", "never", "24h"},   {"collision", "unique-name", "refuse"},
    {"at_once", "64", "8"},        {"outage", "1s", "2s"},        {"outage_cap", "1m", "50s"},
    {"companions", "none", "gateway"}, {"sync", "true", "false"},
};

enum { KEYS = sizeof keys / sizeof keys[0] };

static void check_value(const lockwait_policy *policy, const char *key, const char *expected)
{
    char value[64];
    size_t length = 0;
    CHECK_OK(lockwait_policy_get(policy, key, strlen(key), value, sizeof value, &length));
    CHECK_TEXT(value, expected);
    CHECK_NUMBER(length, strlen(expected));
}

static void every_key_is_set_and_read_back(void)
{
    lockwait_policy *policy = make(A_POLICY);
    size_t index;
    for (index = 0; index < KEYS; index++) {
        const char *key = keys[index].key, *other = keys[index].other;
        char standard[64], value[64];
        check_value(policy, key, keys[index].standard);
        CHECK_OK(lockwait_policy_get(policy, key, strlen(key), standard, sizeof standard, NULL));
        CHECK_OK(lockwait_policy_set(policy, key, strlen(key), other, strlen(other)));
        CHECK_OK(lockwait_policy_get(policy, key, strlen(key), value, sizeof value, NULL));
        CHECK(strcmp(value, standard) != 0);
        CHECK_OK(lockwait_policy_set(policy, key, strlen(key), value, strlen(value)));
        check_value(policy, key, value);
        CHECK_OK(lockwait_policy_check(policy));
    }
    CHECK_OK(lockwait_policy_free(policy));
}

static void json_is_read_back(void)
{
    static const char text[] = "{\"retry\": \"250ms\", \"companions\": \"gateway\", \"at_once\": 3, \"sync\": false}";
    lockwait_policy *policy = NULL, *again = NULL;
    size_t length = 0;
    char *json;
    CHECK_OK(lockwait_policy_from_json(TEXT(text), &policy));
    check_value(policy, "retry", "250ms");
    check_value(policy, "companions", "gateway");
    check_value(policy, "at_once", "3");
    check_value(policy, "sync", "false");
    check_value(policy, "patience", "30s");
    CHECK_RESULT(lockwait_policy_to_json(policy, NULL, 0, &length), BUFFER_TOO_SMALL);
    json = need(length + 1);
    CHECK_RESULT(lockwait_policy_to_json(policy, json, length, NULL), BUFFER_TOO_SMALL);
    CHECK_OK(lockwait_policy_to_json(policy, json, length + 1, &length));
    CHECK_OK(lockwait_policy_from_json(json, length, &again));
    check_value(again, "retry", "250ms");
    free(json);
    CHECK_OK(lockwait_policy_free(policy));
    CHECK_OK(lockwait_policy_free(again));
}

static void what_is_wrong_is_named_and_changes_nothing(void)
{
    lockwait_policy *policy = make(A_POLICY), *none = NULL;
    CHECK_RESULT(lockwait_policy_set(policy, TEXT("retry"), TEXT("soon")), INVALID_POLICY);
    CHECK_LAST_ERROR("retry");
    CHECK_LAST_ERROR("soon");
    check_value(policy, "retry", "200ms");
    CHECK_RESULT(lockwait_policy_set(policy, TEXT("retri"), TEXT("1s")), INVALID_POLICY);
    CHECK_LAST_ERROR("retri");
    CHECK_RESULT(lockwait_policy_from_json(TEXT("{\"retry\": \"soon\"}"), &none), INVALID_POLICY);
    CHECK_LAST_ERROR("retry");
    CHECK_RESULT(lockwait_policy_from_json(TEXT("{\"at_once\": 0}"), &none), INVALID_POLICY);
    CHECK_LAST_ERROR("at_once");
    CHECK_RESULT(lockwait_policy_from_json(TEXT("[]"), &none), INVALID_POLICY);
    CHECK_RESULT(lockwait_policy_from_json(TEXT("{"), &none), INVALID_POLICY);
    CHECK(none == NULL);
    CHECK_OK(lockwait_policy_free(policy));
}

static void values_that_do_not_go_together_are_refused_where_they_are_used(void)
{
    lockwait_policy *policy = make(A_POLICY);
    lockwait_router *router = NULL;
    /* Below `retry`. */
    CHECK_OK(lockwait_policy_set(policy, TEXT("retry_cap"), TEXT("100ms")));
    CHECK_RESULT(lockwait_policy_check(policy), INVALID_POLICY);
    CHECK_LAST_ERROR("retry_cap");
    CHECK_RESULT(lockwait_router_new(policy, NULL, &router), INVALID_POLICY);
    CHECK(router == NULL);
    CHECK_OK(lockwait_policy_set(policy, TEXT("retry"), TEXT("50ms")));
    CHECK_OK(lockwait_policy_check(policy));
    CHECK_OK(lockwait_router_new(policy, NULL, &router));
    CHECK_OK(lockwait_router_free(router));
    CHECK_OK(lockwait_policy_free(policy));
}

static void deep_json_is_refused(void)
{
    enum { DEPTH = 100000 };
    lockwait_policy *policy = NULL;
    char *text = need(DEPTH);
    memset(text, '[', DEPTH);
    CHECK_RESULT(lockwait_policy_from_json(text, DEPTH, &policy), INVALID_POLICY);
    CHECK(policy == NULL);
    free(text);
}

const struct test policy_tests[] = {
    {"every_key_is_set_and_read_back", every_key_is_set_and_read_back},
    {"json_is_read_back", json_is_read_back},
    {"what_is_wrong_is_named_and_changes_nothing", what_is_wrong_is_named_and_changes_nothing},
    {"values_that_do_not_go_together_are_refused_where_they_are_used",
     values_that_do_not_go_together_are_refused_where_they_are_used},
    {"deep_json_is_refused", deep_json_is_refused},
    {NULL, NULL},
};
