/* client_rate.h - how fast a client may send in the adaptive mode.
 *
 * Pure: the caller gives the time, in seconds from any point. A token bucket whose rate
 * follows what the service grants, with the CUBIC function that TCP uses: cut when it
 * throttles, then slowly up to that rate again, then faster. Without a limit until the
 * first throttling. Constants as in the SDKs. */
#ifndef AWL_CALL_CLIENT_RATE_H
#define AWL_CALL_CLIENT_RATE_H

#include <stdbool.h>

struct awl_client_rate {
    bool limited; /* the service has throttled once */
    double tokens, fill_rate, capacity, filled_at;
    double measured, bucket_began;           /* answers in a second, smoothed */
    unsigned answers;                        /* since bucket_began */
    double max_before, throttled_at, window; /* of the curve */
};

/* Without a limit. */
void awl_client_rate_init(struct awl_client_rate *rate, double now_s);

/* Takes the token that one attempt needs and gives 0; or takes nothing and gives the
 * seconds until one will be there, if nothing changes. */
double awl_client_rate_take(struct awl_client_rate *rate, double now_s);

/* After an attempt. */
void awl_client_rate_learn(struct awl_client_rate *rate, bool throttled, double now_s);

/* The curve itself: the rate after a success at `now_s`, and after a throttling, which
 * moves the curve. */
double awl_client_rate_succeeded(struct awl_client_rate *rate, double now_s);
double awl_client_rate_throttled(struct awl_client_rate *rate, double at_rate,
                                 double now_s);

#endif
