/* options.h - awl's own options: the words before the script, and AWL_OPTIONS.
 *
 * One table says what there is; the command line, AWL_OPTIONS, `awl help` and
 * scripts that use awl.args all read it. */
#ifndef AWL_CLI_OPTIONS_H
#define AWL_CLI_OPTIONS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

enum awl_option_kind {
    AWL_OPTION_FLAG,
    AWL_OPTION_TEXT,
    AWL_OPTION_LEVEL,   /* of the log */
    AWL_OPTION_COUNT,   /* a whole number, at least 0 */
    AWL_OPTION_SECONDS, /* a number above 0 */
    AWL_OPTION_PAIR,    /* NAME=VALUE; may be given more than once */
};

struct awl_option {
    const char *name; /* "--max-attempts" */
    const char *key;  /* its place in the settings: "max_attempts" */
    const char *metavar;
    const char *help;
    enum awl_option_kind kind;
};

struct awl_setting {
    const struct awl_option *option;
    const char *text; /* checked for its kind; NULL for a flag */
};

#define AWL_SETTINGS_MAX 128

struct awl_options {
    struct awl_setting settings[AWL_SETTINGS_MAX]; /* later ones win */
    size_t count;
    struct awl_buf words; /* what AWL_OPTIONS was cut into */
    const char *code;     /* of -e */
    bool help;
    bool version;
};

/* None given. What `settings` point to is good until release. */
void awl_options_init(struct awl_options *options);
void awl_options_release(struct awl_options *options);

/* The i-th option there is, NULL after the last. */
const struct awl_option *awl_option_at(size_t index);

/* The option of that name with its dashes, or NULL. */
const struct awl_option *awl_option_find(awl_str name);

/* Checks the text for the option's kind. */
enum awl_rc awl_option_check(const struct awl_option *option, const char *text,
                             struct awl_error *err);

/* Reads options from argv[from] on and sets *next to the first word that is none:
 * the script, a command, "-", or what follows "--" or `-e CODE`. AWL_EINPUT names a
 * wrong option and the nearest right one. The texts are argv's. */
enum awl_rc awl_options_read(struct awl_options *options, int argc, char **argv, int from,
                             int *next, struct awl_error *err);

/* Reads the value of AWL_OPTIONS: words as a shell cuts them ('...', "...", \x). */
enum awl_rc awl_options_read_text(struct awl_options *options, const char *text,
                                  struct awl_error *err);

#endif
