/* The command line and the log that connector.c and before.c have in common. */
#ifndef EXAMPLE_OPTIONS_H
#define EXAMPLE_OPTIONS_H

#include "os.h"

#include <stdio.h>

/* How many --set there may be. */
#define OPTIONS_SETTINGS 16

struct options {
    /* The gateway's folder, which has API_OUT and ATT_OUT. */
    char source[OS_PATH];
    /* The folder that has GW2MEXA, BADFILES and the others. */
    char destination[OS_PATH];
    /* --log FILE: a line for each event; standard output without it. */
    FILE *log;
    /* --json FILE: every event as JSON Lines, those too that are not for the log; NULL without it. */
    FILE *json;
    /* --trace FILE: what `lockwait replay` reads; NULL without it. */
    FILE *trace;
    /* --once: end when nothing is left to do. */
    int once;
    /* --for SECONDS: end after so long; 0 for never. */
    unsigned long seconds;
    /* --stop-file FILE: end when there is such a file; NULL without it. */
    const char *stop_file;
    /* --set KEY=VALUE: for the policy. */
    const char *settings[OPTIONS_SETTINGS];
    int setting_count;
};

/* Reads the command line. Not 0: good. 0: what is wrong, and how to call `program`, is on standard error. */
int options_read(struct options *options, const char *program, int count, char **words);

/* Not 0: somebody said "stop", one way or the other. */
int options_stop(const struct options *options);

/* Closes the files. */
void options_close(struct options *options);

/* Writes one line: time (in seconds since 1970 and milliseconds), severity, event id, text. */
void log_line(FILE *log, unsigned long seconds, unsigned milliseconds, const char *severity, unsigned id,
              const char *text);

#endif
