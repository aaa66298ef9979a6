#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define ROUNDS 2000
#define HURTS_MAX 3 /* to one document */
#define PIECE_MAX 24
#define LARGE 20000 /* of documents beyond this, few copies are damaged */

/* ---- damage ---- */

static void put_some(struct oracle *o)
{
    awl_buf_append_char(&o->text,
                        o->alphabet.ptr[oracle_pick(&o->random, o->alphabet.len)]);
}

/* One byte replaced, added or left out; a piece left out, repeated or moved. */
static void hurt(struct oracle *o, awl_str document)
{
    size_t at = oracle_pick(&o->random, document.len + 1);
    size_t len = 1 + oracle_pick(&o->random, PIECE_MAX);
    size_t other = oracle_pick(&o->random, document.len + 1);
    unsigned how = (unsigned)oracle_pick(&o->random, 8);
    awl_buf_append_str(&o->text, awl_str_slice(document, 0, at));
    if (how < 4)
        put_some(o);
    else if (how == 4)
        awl_buf_append_str(&o->text, awl_str_slice(document, other, other + len));
    if (how < 2)
        at++;
    else if (how > 4)
        at += how == 5 ? 1 : len;
    awl_buf_append_str(&o->text, awl_str_slice(document, at, document.len));
}

static void run_copy(struct oracle *o, awl_str document)
{
    struct awl_buf before;
    awl_buf_init(&before, ORACLE_TEXT_MAX);
    awl_buf_append_str(&before, document);
    for (size_t n = 1 + oracle_pick(&o->random, HURTS_MAX); n > 0; n--) {
        awl_buf_clear(&o->text);
        hurt(o, awl_buf_str(&before));
        awl_buf_clear(&before);
        awl_buf_append_str(&before, awl_buf_str(&o->text));
    }
    o->compare(o, awl_buf_str(&before));
    awl_buf_release(&before);
}

void oracle_run_damaged(struct oracle *o, awl_str document, unsigned copies)
{
    if (document.len > LARGE)
        copies = copies / 20 + 1;
    for (unsigned i = 0; i < copies; i++)
        run_copy(o, document);
}

/* ---- documents ---- */

void oracle_run_generated(struct oracle *o, unsigned documents, unsigned copies)
{
    struct awl_buf document;
    awl_buf_init(&document, ORACLE_TEXT_MAX);
    for (unsigned i = 0; i < documents; i++) {
        awl_buf_clear(&document);
        o->generate(&o->random, &document);
        o->compare(o, awl_buf_str(&document));
        oracle_run_damaged(o, awl_buf_str(&document), copies);
    }
    awl_buf_release(&document);
}

static void run_text(struct oracle *o, awl_str text, const char *firsts, unsigned copies)
{
    awl_str trimmed = awl_str_trim(text);
    if (trimmed.len == 0 || strchr(firsts, trimmed.ptr[0]) == NULL)
        return;
    o->compare(o, text);
    oracle_run_damaged(o, text, copies);
}

static void run_texts_within(struct oracle *o, const struct vectors_json *json,
                             const char *firsts, unsigned copies)
{
    if (json->type == VECTORS_STRING)
        run_text(o, json->text, firsts, copies);
    for (const struct vectors_json *item = json->first; item != NULL; item = item->next)
        run_texts_within(o, item, firsts, copies);
}

static void run_file(struct oracle *o, const char *path, const char *firsts,
                     unsigned copies)
{
    awl_str text;
    bool by_itself = strstr(path, "/json-parsing/") != NULL;
    if (!vectors_read(path, &text))
        return;
    if (awl_str_ends(awl_str_of(path), STR(".json")) && !by_itself) {
        const struct vectors_json *json = vectors_json_read(path);
        if (json != NULL)
            run_texts_within(o, json, firsts, copies);
    }
    if (by_itself && strchr(firsts, '{') != NULL) {
        o->compare(o, text); /* whatever it begins with */
        oracle_run_damaged(o, text, copies);
    } else {
        run_text(o, text, firsts, copies);
    }
}

void oracle_run_vectors(struct oracle *o, const char *folder, const char *firsts,
                        unsigned copies)
{
    struct stat st;
    const char **names = vectors_list(folder);
    for (; names != NULL && *names != NULL; names++) {
        const char *path = vectors_path(folder, *names);
        if (stat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            oracle_run_vectors(o, path, firsts, copies);
        else
            run_file(o, path, firsts, copies);
    }
}

unsigned oracle_rounds(void)
{
    int64_t rounds = ROUNDS;
    const char *text = getenv("AWL_ORACLE_ROUNDS");
    if (text != NULL && (!awl_str_to_int64(awl_str_of(text), &rounds) || rounds < 1))
        rounds = ROUNDS;
    return (unsigned)rounds;
}

/* ---- what is meant ---- */

bool oracle_excuse(struct oracle_exception *list, const char *what)
{
    for (; list->what != NULL; list++)
        if (strcmp(list->what, what) == 0) {
            list->seen++;
            return true;
        }
    return false;
}

void oracle_report(const struct oracle *o, const struct oracle_exception *list)
{
    for (; list->what != NULL; list++)
        printf("%7u x %s: %s\n", list->seen, list->what, list->reason);
    vectors_report(&o->suite);
}
