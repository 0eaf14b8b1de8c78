/*
 * What a connector does with the messages of a GroupWise API Gateway, apart from waiting for locks: where a message
 * belongs, and how its files get there so that nobody ever sees half of it.
 *
 * Every message is a folder of its own at the destination, named after its header. Its files gather in a hidden folder
 * (a dot, then the header's name) beside it, the header last; then that folder gets its name. So two messages may have
 * attachments of the same name (Q254540), and a run that was killed goes on where it stopped. What cannot be used goes to
 * the bad folder in the same way.
 */
#ifndef EXAMPLE_GATEWAY_H
#define EXAMPLE_GATEWAY_H

#include "os.h"

/* The folder for what cannot be used. */
#define GATEWAY_BAD "BADFILES"

/* Calls `each` with every folder that the destination has. */
void gateway_folders(void (*each)(void *user, const char *name), void *user);

/* Calls `each` for every header in `api_out`, in the order of their names. */
os_error gateway_headers(const char *api_out, void (*each)(void *user, const char *name), void *user);

/* The folder for the message whose header is `content`: by its Msg-Type. NULL when it has none. */
const char *gateway_folder_of(const char *content, size_t length);

/* The path that a file of the message `header` has while the message gathers. Not 0: it fits. */
int gateway_staged(char *path, const char *folder, const char *header, const char *name);

/* Brings the file at `from` to `staged`, over what a killed run may have left there. A file on another volume is copied;
 * `unchanged(user)` is asked after that, and when it says 0 the copy is thrown away and the source stays.
 * `*error` is 0 unless something went wrong. Not 0: the file is staged and no longer at `from`. */
int gateway_stage(const char *from, const char *staged, int (*unchanged)(void *user), void *user, os_error *error);

/* Gives the gathered message its name in `folder`, or the first free one made from it; `to` gets the header's path. */
os_error gateway_publish(char *to, const char *folder, const char *header);

/* Publishes what a killed run left gathered in `folder`: messages that have their header, which is in `api_out` no more. */
void gateway_recover(const char *folder, const char *api_out);

#endif
