/* growth.h - how many connections to a host help.
 *
 * A connection costs CPU time (a TLS handshake above all) and saves waiting: with K of
 * them and M calls to make, one more shortens what is left by about T * M / (K * (K+1)),
 * where T is the host's time to answer. It is opened when that is more than what its
 * handshake takes at the share of the CPU that this process gets. So a slow service gets
 * all the connections that there are calls for, and a process with little CPU does not
 * spend it on handshakes. Two things come on top: some are opened at once (170 times the
 * share, 64 at most: what did best for Lambda's shares of 128 to 1792 MB), and idle CPU
 * time is credit for more, unless calls queue at the host already. Times are real ones,
 * in nanoseconds: a test's clock has no part in this.
 *
 * The share is what the system says that it grants (ration.h), or less if less is
 * measured. Where it says nothing, what is measured must do; that errs, as a ration of
 * some milliseconds may be spent at full speed and be missing for the rest of its period.
 */
#ifndef AWL_HTTP_GROWTH_H
#define AWL_HTTP_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

/* How the process as a whole fares, measured while something is queued. */
struct awl_pace {
    uint64_t idle_ns;       /* spent in the loop's wait, in all */
    uint64_t wait_began_ns; /* of the wait under way; 0: none */

    /* When and with what the sums below were last brought up to date. */
    uint64_t sampled_ns, sampled_cpu_ns, sampled_idle_ns, sampled_finished,
        sampled_opened;

    /* Sums that fade with time. */
    double cpu_ns, awake_ns; /* CPU time; wall time outside of the loop's wait */
    double call_cpu_ns, finished;

    double ration;  /* of a core, that the system grants; 0: not asked yet */
    double share;   /* that we get when we want to run: 0.02 to 1 */
    double call_ns; /* CPU time of a call */
    bool busy;      /* the loop hardly ever waits */
};

/* The host's part. All 0 at first. */
struct awl_growth {
    unsigned allowed; /* transfers that may run at once; at least 1 after a look */
    bool tls;         /* its connections need a handshake */
    double answer_ns; /* the shortest time to an answer, slowly rising; 0: unknown */
    double credit_ns; /* grows while calls wait and the CPU does not */
    uint64_t looked_ns;

    /* Answers so far, and when they were last counted. From the two follows what part of
     * their time the connections spend on answers of the shortest kind: a small one means
     * that calls wait at the host or for this process, and one more would wait with them.
     */
    uint64_t answers, counted, counted_ns;
    bool crowded;
};

/* To be called soon after the process has begun: where the CPU is rationed, its start has
 * shown that already. */
void awl_pace_init(struct awl_pace *pace);

/* The system grants this part of a core, 1: all of it. What was measured so far gives
 * way, and what is measured from now on does not exceed it: a ration can be spent in a
 * short time, and what is measured then is too much. Before the first sample. */
void awl_pace_ration(struct awl_pace *pace, double ration);

/* The loop is about to wait; it has woken up. */
void awl_pace_wait(struct awl_pace *pace, uint64_t now_ns);
void awl_pace_wake(struct awl_pace *pace, uint64_t now_ns);

/* Measuring goes on after a pause, in which nothing was queued: what happened in it does
 * not count. */
void awl_pace_resume(struct awl_pace *pace, uint64_t now_ns, uint64_t finished,
                     uint64_t opened);

/* Brings the figures up to date, from the number of transfers that have ended and of
 * connections that were opened since the beginning. */
void awl_pace_sample(struct awl_pace *pace, uint64_t now_ns, uint64_t finished,
                     uint64_t opened);

/* An answer began `ns` after its request had left. */
void awl_growth_answered(struct awl_growth *growth, uint64_t ns);

/* Raises `allowed` as far as it helps. `calls` wait or run now; the oldest of those that
 * run has been waiting for `oldest_ns`, this process's own delays not counted. */
void awl_growth_look(struct awl_growth *growth, const struct awl_pace *pace,
                     uint64_t now_ns, unsigned calls, uint64_t oldest_ns);

#endif
