#include "call/client_rate.h"

#include <math.h>

#define FILL_MIN 0.5
#define CAPACITY_MIN 1.0
#define BETA 0.7
#define SCALE 0.4
#define SMOOTH 0.8
#define BUCKETS_PER_S 2
#define GROWTH_MAX 2.0 /* times the measured rate */

static double bucket_of(double now_s)
{
    return floor(now_s * BUCKETS_PER_S) / BUCKETS_PER_S;
}

void awl_client_rate_init(struct awl_client_rate *rate, double now_s)
{
    *rate = (struct awl_client_rate){
        .fill_rate = FILL_MIN,
        .capacity = CAPACITY_MIN,
        .filled_at = now_s,
        .throttled_at = now_s,
        .bucket_began = bucket_of(now_s),
    };
}

static void fill(struct awl_client_rate *rate, double now_s)
{
    rate->tokens += (now_s - rate->filled_at) * rate->fill_rate;
    if (rate->tokens > rate->capacity)
        rate->tokens = rate->capacity;
    rate->filled_at = now_s;
}

double awl_client_rate_take(struct awl_client_rate *rate, double now_s)
{
    if (!rate->limited)
        return 0;
    fill(rate, now_s);
    if (rate->tokens < 1)
        return (1 - rate->tokens) / rate->fill_rate;
    rate->tokens -= 1;
    return 0;
}

static void set_fill_rate(struct awl_client_rate *rate, double wanted, double now_s)
{
    fill(rate, now_s);
    rate->fill_rate = wanted > FILL_MIN ? wanted : FILL_MIN;
    rate->capacity = wanted > CAPACITY_MIN ? wanted : CAPACITY_MIN;
    if (rate->tokens > rate->capacity)
        rate->tokens = rate->capacity;
}

static void measure(struct awl_client_rate *rate, double now_s)
{
    double bucket = bucket_of(now_s);

    rate->answers++;
    if (bucket <= rate->bucket_began)
        return;
    double current = rate->answers / (bucket - rate->bucket_began);
    rate->measured = current * SMOOTH + rate->measured * (1 - SMOOTH);
    rate->answers = 0;
    rate->bucket_began = bucket;
}

/* How long the curve takes to come back to the rate before the cut. */
static void set_window(struct awl_client_rate *rate)
{
    rate->window = cbrt(rate->max_before * (1 - BETA) / SCALE);
}

double awl_client_rate_succeeded(struct awl_client_rate *rate, double now_s)
{
    set_window(rate);
    double x = now_s - rate->throttled_at - rate->window;
    return SCALE * x * x * x + rate->max_before;
}

double awl_client_rate_throttled(struct awl_client_rate *rate, double at_rate,
                                 double now_s)
{
    rate->max_before = at_rate;
    rate->throttled_at = now_s;
    set_window(rate);
    return at_rate * BETA;
}

void awl_client_rate_learn(struct awl_client_rate *rate, bool throttled, double now_s)
{
    double wanted;

    measure(rate, now_s);
    if (throttled) {
        double at_rate = rate->measured;
        if (rate->limited && rate->fill_rate < at_rate)
            at_rate = rate->fill_rate;
        wanted = awl_client_rate_throttled(rate, at_rate, now_s);
        rate->limited = true;
    } else {
        wanted = awl_client_rate_succeeded(rate, now_s);
    }
    double most = GROWTH_MAX * rate->measured;
    set_fill_rate(rate, wanted < most ? wanted : most, now_s);
}
