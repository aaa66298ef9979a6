/* oracle.h - comparing a reader of ours with an independent one: the documents.
 *
 * They come from the public vectors, if these are there, from a generator, and by damage
 * done to all of them. The same run gives the same documents. */
#ifndef AWL_TESTS_ORACLE_H
#define AWL_TESTS_ORACLE_H

#include "base/random.h"
#include "vectors.h"

#define ORACLE_TEXT_MAX ((size_t)1 << 24)

/* A difference that is meant, with its reason. `seen` is printed at the end. */
struct oracle_exception {
    const char *what;
    const char *reason;
    unsigned seen;
};

struct oracle {
    struct vectors_suite suite;
    struct awl_random random;
    struct awl_buf text; /* the damaged or generated document */
    awl_str alphabet;    /* what documents are damaged with */
    void (*generate)(struct awl_random *random, struct awl_buf *out);
    void (*compare)(struct oracle *oracle, awl_str text);
    void *data;
};

/* Up to `below` - 1. */
static inline size_t oracle_pick(struct awl_random *random, size_t below)
{
    return (size_t)(awl_random_next(random) % below);
}

/* Compares every document of a folder of vectors that begins with one of `firsts`: whole
 * files, and texts within JSON files; then a number of damaged copies of each. */
void oracle_run_vectors(struct oracle *oracle, const char *folder, const char *firsts,
                        unsigned copies);

/* Compares generated documents, each with some damaged copies. */
void oracle_run_generated(struct oracle *oracle, unsigned documents, unsigned copies);

/* Compares damaged copies of a document. */
void oracle_run_damaged(struct oracle *oracle, awl_str document, unsigned copies);

/* How many documents to generate: AWL_ORACLE_ROUNDS, else 2000. */
unsigned oracle_rounds(void);

/* Notes that an exception of a list (which ends with a NULL) was seen; false for none. */
bool oracle_excuse(struct oracle_exception *list, const char *what);
void oracle_report(const struct oracle *oracle, const struct oracle_exception *list);

#endif
