/* Makes the mistake that is asked for, so that the runner can see whether whoever watches over the tests notices.

       fault none | overflow | undefined | leak

   Ends with 0 where nobody does. C99. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Known only at run time, so that no compiler sees the mistake. */
static volatile int one = 1;

/* Reads behind the end of allocated memory. */
static int overflow(void)
{
    char *bytes = malloc(8);
    int sum;
    if (bytes == NULL)
        return 0;
    memset(bytes, 0, 8);
    sum = bytes[7 + one];
    free(bytes);
    return sum == 1000;
}

/* Adds beyond the largest number. */
static int undefined(void)
{
    int large = INT_MAX;
    return large + one == one - 1;
}

/* Forgets memory. */
static int leak(void)
{
    char *volatile bytes = malloc(1000);
    if (bytes != NULL)
        bytes[0] = 1;
    bytes = NULL;
    return bytes != NULL;
}

int main(int count, char **words)
{
    const char *which = count == 2 ? words[1] : "";
    if (strcmp(which, "none") == 0)
        return 0;
    if (strcmp(which, "overflow") == 0)
        return overflow();
    if (strcmp(which, "undefined") == 0)
        return undefined();
    if (strcmp(which, "leak") == 0)
        return leak();
    fputs("usage: fault none | overflow | undefined | leak\n", stderr);
    return 0;
}
