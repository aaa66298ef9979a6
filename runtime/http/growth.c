#include "http/growth.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MS 1e6

#define HANDSHAKE_TLS_NS (1.3 * MS)
#define HANDSHAKE_PLAIN_NS (0.1 * MS)
#define USED_MIN 0.4
#define CALL_NS 50e3 /* CPU time of a call, as long as we know nothing */
#define CALLS_FOR_AN_OPINION 20
#define SHARE_MIN 0.02
#define BUSY 0.9
#define AT_ONCE 64
#define AT_ONCE_OF_A_CORE 170 /* in proportion to the share */
#define FREE_SHARE 0.5 /* what a process gets at least where nobody rations the CPU */
#define SAMPLE_NS (5 * MS)
#define FADE_NS (200 * MS) /* in which the sums lose their weight */
#define ANSWER_RISE 1.0002 /* how fast the shortest answer is forgotten, per answer */

/* Beyond this many shortest answers the one that waits longest tells more: a host whose
 * operations differ. */
#define SLOW_TIMES 10
#define SLOW_NS (100 * MS)

/* ---- the process ---- */

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t process_cpu_ns(void)
{
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* The 22nd field of /proc/self/stat, behind the name in parentheses. */
static uint64_t process_age_ns(void)
{
    char text[1024];
    unsigned long long start = 0;
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL)
        return process_cpu_ns();
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    const char *at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    long ticks = sysconf(_SC_CLK_TCK);
    if (at == NULL || sscanf(at, "%llu", &start) != 1 || ticks <= 0)
        return process_cpu_ns();
    uint64_t now_ns = clock_ns(CLOCK_BOOTTIME);
    uint64_t start_ns = (uint64_t)start * (1000000000u / (uint64_t)ticks);
    return now_ns > start_ns ? now_ns - start_ns : process_cpu_ns();
}

void awl_pace_wait(struct awl_pace *pace, uint64_t now_ns)
{
    pace->wait_began_ns = now_ns;
}

void awl_pace_wake(struct awl_pace *pace, uint64_t now_ns)
{
    if (pace->wait_began_ns != 0 && now_ns > pace->wait_began_ns)
        pace->idle_ns += now_ns - pace->wait_began_ns;
    pace->wait_began_ns = 0;
}

static double between(double low, double value, double high)
{
    return value < low ? low : value > high ? high : value;
}

void awl_pace_init(struct awl_pace *pace)
{
    *pace = (struct awl_pace){
        .cpu_ns = (double)process_cpu_ns(),
        .awake_ns = (double)process_age_ns(),
        .call_ns = CALL_NS,
    };
    if (pace->awake_ns > FADE_NS) /* no start that has just ended: it tells nothing */
        pace->cpu_ns = pace->awake_ns = SAMPLE_NS;
}

void awl_pace_ration(struct awl_pace *pace, double ration)
{
    pace->ration = between(SHARE_MIN, ration, 1);
    if (ration >= 1)
        return;
    pace->cpu_ns = pace->ration * FADE_NS;
    pace->awake_ns = FADE_NS;
}

static void take_marks(struct awl_pace *pace, uint64_t now_ns, uint64_t cpu_ns,
                       uint64_t finished, uint64_t opened)
{
    pace->sampled_ns = now_ns;
    pace->sampled_cpu_ns = cpu_ns;
    pace->sampled_idle_ns = pace->idle_ns;
    pace->sampled_finished = finished;
    pace->sampled_opened = opened;
}

void awl_pace_resume(struct awl_pace *pace, uint64_t now_ns, uint64_t finished,
                     uint64_t opened)
{
    pace->wait_began_ns = 0;
    if (pace->sampled_ns != 0) /* else the first sample takes its marks itself */
        take_marks(pace, now_ns, process_cpu_ns(), finished, opened);
}

void awl_pace_sample(struct awl_pace *pace, uint64_t now_ns, uint64_t finished,
                     uint64_t opened)
{
    if (pace->sampled_ns != 0 && (double)(now_ns - pace->sampled_ns) < SAMPLE_NS)
        return;
    uint64_t cpu_ns = process_cpu_ns();
    if (pace->sampled_ns != 0) {
        double wall = (double)(now_ns - pace->sampled_ns);
        double idle = between(0, (double)(pace->idle_ns - pace->sampled_idle_ns), wall);
        double cpu = (double)(cpu_ns - pace->sampled_cpu_ns);
        double handshakes = (double)(opened - pace->sampled_opened) * HANDSHAKE_TLS_NS;
        double keep = wall < FADE_NS ? 1 - wall / FADE_NS : 0;
        pace->cpu_ns = pace->cpu_ns * keep + cpu;
        pace->awake_ns = pace->awake_ns * keep + wall - idle;
        pace->call_cpu_ns = pace->call_cpu_ns * keep + between(0, cpu - handshakes, cpu);
        pace->finished =
            pace->finished * keep + (double)(finished - pace->sampled_finished);
        pace->busy = wall - idle > BUSY * wall;
        pace->call_ns = (pace->call_cpu_ns + CALLS_FOR_AN_OPINION * CALL_NS) /
                        (pace->finished + CALLS_FOR_AN_OPINION);
    }
    double share = pace->awake_ns > 0 ? pace->cpu_ns / pace->awake_ns : 1;
    pace->share = between(SHARE_MIN, share, pace->ration != 0 ? pace->ration : 1);
    take_marks(pace, now_ns, cpu_ns, finished, opened);
}

/* ---- a host ---- */

void awl_growth_answered(struct awl_growth *growth, uint64_t ns)
{
    double risen = growth->answer_ns * ANSWER_RISE;
    double sample = ns > 0 ? (double)ns : 1;
    growth->answer_ns = growth->answer_ns == 0 || sample < risen ? sample : risen;
    growth->answers++;
}

/* The time that a call spends at the host. */
static double answer_time(const struct awl_growth *growth, double oldest)
{
    double known = growth->answer_ns;
    if (known == 0)
        return 2 * oldest; /* of what has lasted so long one half is over, at a guess */
    bool slow = oldest > SLOW_TIMES * known + SLOW_NS;
    return slow ? oldest : known;
}

/* Time in which the CPU has nothing to do is lost for handshakes if it is not used,
 * unless it is rationed: then what is spent now is missing when the answers come. */
static double credit_rate(unsigned allowed, double share)
{
    double rationed = 1 / (allowed + 1.0);
    return between(rationed, (share - FREE_SHARE) / (1 - FREE_SHARE), 1);
}

/* What a process can afford without asking what it saves: with few connections each wait
 * of the loop brings but one answer. */
static unsigned at_once(double share, unsigned calls)
{
    double most = between(1, AT_ONCE_OF_A_CORE * share, AT_ONCE);
    return calls < most ? calls : (unsigned)most;
}

static void count_answers(struct awl_growth *growth, uint64_t now_ns)
{
    double span = (double)(now_ns - growth->counted_ns);
    if (growth->counted_ns != 0 && (span < SAMPLE_NS || span < 2 * growth->answer_ns))
        return;
    double answers = (double)(growth->answers - growth->counted);
    growth->crowded = growth->counted_ns != 0 &&
                      answers * growth->answer_ns < USED_MIN * span * growth->allowed;
    growth->counted = growth->answers;
    growth->counted_ns = now_ns;
}

void awl_growth_look(struct awl_growth *growth, const struct awl_pace *pace,
                     uint64_t now_ns, unsigned calls, uint64_t oldest_ns)
{
    double handshake =
        (growth->tls ? HANDSHAKE_TLS_NS : HANDSHAKE_PLAIN_NS) / pace->share;
    double answer = answer_time(growth, (double)oldest_ns);
    double most = answer * pace->share / pace->call_ns + 1;

    if (growth->allowed == 0)
        growth->allowed = 1;
    if (growth->allowed < at_once(pace->share, calls))
        growth->allowed = at_once(pace->share, calls);
    count_answers(growth, now_ns);
    if (growth->looked_ns != 0 && !pace->busy && !growth->crowded)
        growth->credit_ns += (double)(now_ns - growth->looked_ns) *
                             credit_rate(growth->allowed, pace->share);
    growth->looked_ns = now_ns;
    while (growth->allowed < calls) {
        double k = growth->allowed;
        double saves = k <= most ? answer * calls / (k * (k + 1)) : 0;
        if (saves + growth->credit_ns <= handshake)
            return;
        growth->allowed++;
        growth->credit_ns = 0;
    }
}
