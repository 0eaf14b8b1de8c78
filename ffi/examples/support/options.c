#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int complain(const char *program, const char *what, const char *word)
{
    fprintf(stderr, "%s: %s '%s'\n", program, what, word);
    fprintf(stderr,
            "usage: %s SOURCE DESTINATION [--log FILE] [--json FILE] [--trace FILE] [--once] [--for SECONDS]"
            " [--stop-file FILE] [--set KEY=VALUE]...\n"
            "SOURCE has API_OUT and ATT_OUT; DESTINATION gets GW2MEXA, FREEBUSY, DIRSYNC and BADFILES.\n",
            program);
    return 0;
}

/* Opens what an option that takes a file names. */
static int open_file(FILE **file, const char *path)
{
    *file = os_append(path);
    return *file != NULL;
}

int options_read(struct options *options, const char *program, int count, char **words)
{
    char *folders[2];
    int folder_count = 0, n;
    memset(options, 0, sizeof *options);
    options->log = stdout;
    folders[0] = options->source;
    folders[1] = options->destination;
    for (n = 1; n < count; n++) {
        const char *word = words[n], *value = n + 1 < count ? words[n + 1] : NULL;
        int good = 1;
        if (strcmp(word, "--once") == 0) {
            options->once = 1;
            continue;
        }
        if (strncmp(word, "--", 2) != 0) {
            if (folder_count == 2 || !os_absolute(folders[folder_count++], word))
                return complain(program, "cannot use the folder", word);
            continue;
        }
        if (value == NULL)
            return complain(program, "something is missing after", word);
        n++;
        if (strcmp(word, "--log") == 0)
            good = open_file(&options->log, value);
        else if (strcmp(word, "--json") == 0)
            good = open_file(&options->json, value);
        else if (strcmp(word, "--trace") == 0)
            good = open_file(&options->trace, value);
        else if (strcmp(word, "--for") == 0)
            good = (options->seconds = strtoul(value, NULL, 10)) > 0;
        else if (strcmp(word, "--stop-file") == 0)
            options->stop_file = value;
        else if (strcmp(word, "--set") == 0 && options->setting_count < OPTIONS_SETTINGS)
            options->settings[options->setting_count++] = value;
        else
            return complain(program, "no such option:", word);
        if (!good)
            return complain(program, "cannot use", value);
    }
    return folder_count == 2 || complain(program, "needs two folders, not only", options->source);
}

int options_stop(const struct options *options)
{
    return os_stopping() || (options->stop_file != NULL && os_exists(options->stop_file));
}

void options_close(struct options *options)
{
    if (options->log != stdout)
        fclose(options->log);
    if (options->json != NULL)
        fclose(options->json);
    if (options->trace != NULL)
        fclose(options->trace);
}

void log_line(FILE *log, unsigned long seconds, unsigned milliseconds, const char *severity, unsigned id,
              const char *text)
{
    time_t time = (time_t)seconds;
    char when[32];
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", gmtime(&time));
    fprintf(log, "%s.%03uZ %-11s %u %s\n", when, milliseconds, severity, id, text);
    fflush(log);
}
