/* lib_channel.c - awl.channel: values handed from task to task, in order. */
#include <lauxlib.h>

#include "bind/bind.h"
#include "script/error_value.h"
#include "script/task.h"

#define CHANNEL "awl.Channel"
#define CAPACITY_MAX 0x1000000

/* The values are in a table, the user value, as a ring of `capacity` places. A value
 * that has no place there stays on the stack of the task that sends it. */
struct channel {
    lua_Integer capacity;
    lua_Integer count;
    lua_Integer first; /* from 0 */
    bool closed;
    struct awl_task_queue senders;   /* only while the ring is full */
    struct awl_task_queue receivers; /* only while the ring is empty */
};

enum outcome { PASSED, CLOSED };

/* The stack of both who sends and who receives. */
enum { SELF = 1, VALUE };

static struct channel *channel_arg(lua_State *L)
{
    return luaL_checkudata(L, SELF, CHANNEL);
}

/* Pops a value and puts it at the end of the ring, which has room. */
static void ring_put(lua_State *L, struct channel *channel)
{
    lua_getiuservalue(L, SELF, 1);
    lua_insert(L, -2);
    lua_rawseti(L, -2, (channel->first + channel->count) % channel->capacity + 1);
    lua_pop(L, 1);
    channel->count++;
}

static void ring_take(lua_State *L, struct channel *channel)
{
    lua_getiuservalue(L, SELF, 1);
    lua_rawgeti(L, -1, channel->first + 1);
    lua_pushnil(L);
    lua_rawseti(L, -3, channel->first + 1);
    lua_remove(L, -2);
    channel->first = (channel->first + 1) % channel->capacity;
    channel->count--;
}

/* Pushes the value of the first task that waits to send, and lets it go on. */
static bool take_from_sender(lua_State *L, struct channel *channel)
{
    lua_State *sender = awl_task_queue_first(&channel->senders);
    if (sender == NULL)
        return false;
    if (!lua_checkstack(sender, 1))
        luaL_error(L, "not enough memory");
    lua_pushvalue(sender, VALUE);
    lua_xmove(sender, L, 1);
    awl_task_queue_wake(&channel->senders, PASSED);
    return true;
}

/* --- sending --- */

static int raise_closed(lua_State *L)
{
    return awl_raisef(L, AWL_EINPUT, "ChannelClosed", "the channel is closed");
}

static int send_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return awl_task_outcome(L) == CLOSED ? raise_closed(L) : 0;
}

/* Gives the value to the task that has waited longest; false if none does. */
static bool give_to_receiver(lua_State *L, struct channel *channel)
{
    lua_State *receiver = awl_task_queue_first(&channel->receivers);
    if (receiver == NULL)
        return false;
    if (!lua_checkstack(receiver, 1))
        luaL_error(L, "not enough memory");
    lua_pushvalue(L, VALUE);
    lua_xmove(L, receiver, 1);
    lua_replace(receiver, VALUE);
    awl_task_queue_wake(&channel->receivers, PASSED);
    return true;
}

/* channel:send(value): waits while the channel is full */
static int channel_send(lua_State *L)
{
    struct channel *channel = channel_arg(L);
    luaL_argexpected(L, !lua_isnoneornil(L, VALUE), VALUE, "value");
    lua_settop(L, VALUE);
    awl_task_check(L);
    awl_task_raise_if_canceled(L);
    if (channel->closed)
        return raise_closed(L);
    if (give_to_receiver(L, channel))
        return 0;
    if (channel->count == channel->capacity)
        return awl_task_wait_in(L, &channel->senders, "room in a channel", send_k, 0);
    ring_put(L, channel);
    return 0;
}

/* --- receiving --- */

static int receive_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    lua_settop(L, VALUE); /* nil when the channel was closed */
    return 1;
}

/* channel:receive() -> value, or nil when the channel is closed and empty */
static int channel_receive(lua_State *L)
{
    struct channel *channel = channel_arg(L);
    lua_settop(L, SELF);
    awl_task_check(L);
    awl_task_raise_if_canceled(L);
    if (channel->count > 0) {
        ring_take(L, channel);
        if (take_from_sender(L, channel))
            ring_put(L, channel);
        return 1;
    }
    if (take_from_sender(L, channel))
        return 1;
    lua_pushnil(L);
    if (channel->closed)
        return 1;
    return awl_task_wait_in(L, &channel->receivers, "a value of a channel", receive_k, 0);
}

/* --- the rest --- */

/* channel:close(): what is in it can still be received */
static int channel_close(lua_State *L)
{
    struct channel *channel = channel_arg(L);
    channel->closed = true;
    while (awl_task_queue_wake(&channel->receivers, CLOSED) != NULL)
        continue;
    while (awl_task_queue_wake(&channel->senders, CLOSED) != NULL)
        continue;
    return 0;
}

static int channel_len(lua_State *L)
{
    lua_pushinteger(L, channel_arg(L)->count);
    return 1;
}

static void metatable_push(lua_State *L)
{
    static const luaL_Reg methods[] = {{"send", channel_send},
                                       {"receive", channel_receive},
                                       {"close", channel_close},
                                       {NULL, NULL}};
    static const luaL_Reg metamethods[] = {{"__call", channel_receive},
                                           {"__close", channel_close},
                                           {"__len", channel_len},
                                           {NULL, NULL}};
    if (!luaL_newmetatable(L, CHANNEL))
        return;
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
}

/* channel([capacity]): 0, the default, lets a sender wait for its receiver */
int awl_channel_new(lua_State *L)
{
    lua_Integer capacity = luaL_optinteger(L, 1, 0);
    luaL_argcheck(L, capacity >= 0 && capacity <= CAPACITY_MAX, 1,
                  "capacity out of range");
    struct channel *channel = lua_newuserdatauv(L, sizeof *channel, 1);
    *channel = (struct channel){.capacity = capacity};
    metatable_push(L);
    lua_setmetatable(L, -2);
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
    return 1;
}
