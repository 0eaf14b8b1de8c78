/* Checks, files, threads, and main():

       tests --exports              writes which exports are covered
       tests FOLDER [NAME...]       runs all tests, or those named, in a folder that they may fill */
#include "harness.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#ifdef _WIN32
#include <direct.h>
#include <windows.h>
#else
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

static jmp_buf end_of_test;

void fail(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("  %s:%d: ", file, line);
    vprintf(format, arguments);
    printf("\n  last error: %s\n", last_error());
    va_end(arguments);
    longjmp(end_of_test, 1);
}

void check_result(lockwait_result found, lockwait_result expected, const char *file, int line, const char *call)
{
    if (found != expected)
        fail(file, line, "%s: %s instead of %s", call, lockwait_result_name(found), lockwait_result_name(expected));
}

void check_text(const char *found, const char *expected, const char *file, int line, const char *what)
{
    if (strcmp(found, expected) != 0)
        fail(file, line, "%s: \"%s\" instead of \"%s\"", what, found, expected);
}

void check_number(uint64_t found, uint64_t expected, const char *file, int line, const char *what)
{
    if (found != expected)
        fail(file, line, "%s: %llu instead of %llu", what, (unsigned long long)found, (unsigned long long)expected);
}

void check_has(const char *text, const char *part, const char *file, int line)
{
    if (strstr(text, part) == NULL)
        fail(file, line, "\"%s\" has no \"%s\" in it", text, part);
}

const char *last_error(void)
{
    static char text[4096];
    if (lockwait_last_error(text, sizeof text, NULL) != LOCKWAIT_RESULT_OK)
        return "(cannot be had)";
    return text;
}

int is_text(lockwait_str text, const char *expected)
{
    return text.data != NULL && text.len == strlen(expected) && memcmp(text.data, expected, text.len) == 0;
}

void *need(size_t size)
{
    void *memory = malloc(size == 0 ? 1 : size);
    if (memory == NULL) {
        fputs("no memory\n", stderr);
        exit(2);
    }
    return memory;
}

/* Ends the program: the place the tests run in is of no use. */
static void unusable(const char *what, const char *path)
{
    fprintf(stderr, "%s '%s': %s\n", what, path, strerror(errno));
    exit(2);
}

void make_folder(const char *path)
{
#ifdef _WIN32
    int made = _mkdir(path);
#else
    int made = mkdir(path, 0777);
#endif
    if (made != 0 && errno != EEXIST)
        unusable("cannot make the folder", path);
}

void write_file(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        unusable("cannot write the file", path);
}

/* Makes a folder the working folder. */
static void work_in(const char *path)
{
#ifdef _WIN32
    int there = _chdir(path);
#else
    int there = chdir(path);
#endif
    if (there != 0)
        unusable("cannot work in the folder", path);
}

int file_exists(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file != NULL)
        fclose(file);
    return file != NULL;
}

char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    size_t capacity = 65536, found;
    char *bytes = need(capacity + 1);
    *length = 0;
    if (file == NULL)
        unusable("cannot read the file", path);
    while ((found = fread(bytes + *length, 1, capacity - *length, file)) > 0) {
        *length += found;
        if (*length == capacity) {
            char *larger = need(2 * capacity + 1);
            memcpy(larger, bytes, capacity);
            free(bytes);
            bytes = larger;
            capacity *= 2;
        }
    }
    fclose(file);
    bytes[*length] = 0;
    return bytes;
}

struct thread {
    void (*run)(void *);
    void *argument;
#ifdef _WIN32
    HANDLE system;
#else
    pthread_t system;
#endif
};

#ifdef _WIN32
static DWORD WINAPI begin(void *at)
#else
static void *begin(void *at)
#endif
{
    struct thread *thread = at;
    thread->run(thread->argument);
    return 0;
}

struct thread *thread_start(void (*run)(void *), void *argument)
{
    struct thread *thread = need(sizeof *thread);
    thread->run = run;
    thread->argument = argument;
#ifdef _WIN32
    thread->system = CreateThread(NULL, 0, begin, thread, 0, NULL);
    if (thread->system == NULL)
#else
    if (pthread_create(&thread->system, NULL, begin, thread) != 0)
#endif
    {
        fputs("no more threads\n", stderr);
        exit(2);
    }
    return thread;
}

void thread_join(struct thread *thread)
{
#ifdef _WIN32
    WaitForSingleObject(thread->system, INFINITE);
    CloseHandle(thread->system);
#else
    pthread_join(thread->system, NULL);
#endif
    free(thread);
}

void thread_pass(void)
{
#ifdef _WIN32
    Sleep(0);
#else
    sched_yield();
#endif
}

static const struct test *const lists[] = {
    basics_tests, codes_tests,   policy_tests,  handles_tests, texts_tests, router_tests,
    answers_tests, trace_tests, exports_tests, threads_tests,
#ifndef LOCKWAIT_LEGACY
    pickup_tests,
#endif
};

/* Whether a test was asked for; without names, all are. */
static int is_named(const char *name, int count, char **names)
{
    int index;
    for (index = 0; index < count; index++)
        if (strcmp(name, names[index]) == 0)
            return 1;
    return count == 0;
}

/* Whether the test passed. */
static int passes(const struct test *test)
{
    if (setjmp(end_of_test) != 0) {
        printf("FAILED %s\n", test->name);
        return 0;
    }
    test->run();
    printf("ok     %s\n", test->name);
    return 1;
}

int main(int count, char **words)
{
    size_t list;
    const struct test *test;
    /* Volatile: they are changed between setjmp and longjmp. */
    volatile unsigned passed = 0, failed = 0;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (count < 2) {
        fputs("usage: tests --exports | tests FOLDER [NAME...]\n", stderr);
        return 2;
    }
    if (strcmp(words[1], "--exports") == 0) {
        write_exports();
        return 0;
    }
    work_in(words[1]);
    if (lockwait_abi_version() != LOCKWAIT_ABI_VERSION) {
        fputs("the header and the library are of different versions\n", stderr);
        return 2;
    }
    for (list = 0; list < sizeof lists / sizeof lists[0]; list++) {
        for (test = lists[list]; test->name != NULL; test++) {
            if (!is_named(test->name, count - 2, words + 2))
                continue;
            if (passes(test))
                passed++;
            else
                failed++;
        }
    }
    printf("%s: %u passed, %u failed\n", lockwait_version(), passed, failed);
    if (passed + failed == 0)
        fputs("no test has this name\n", stderr);
    return failed > 0 || passed == 0;
}
