/*
 * Lockwait for C++11 and later: RAII over lockwait.h. MIT OR Apache-2.0.
 *
 * Header only. Handles are move-only and end themselves; an empty one (default-made, moved from, or never made because of
 * an error) answers every call with an error and does no harm. Numbers are enum classes with the names and values of
 * lockwait.h, whose comments say what everything means; an enum may hold a number that it does not name, from a later
 * library.
 *
 * Errors. Nothing throws unless LOCKWAIT_THROW is defined before this header. Every function gives a `result`, or a
 * `maybe<T>` with a result in it. With LOCKWAIT_THROW defined, every function throws `lockwait::error` instead of giving
 * a result that is an error.
 *
 * Works without exceptions and without RTTI, and with LOCKWAIT_LEGACY defined (then without `pickup` and `sink`).
 */
#ifndef LOCKWAIT_HPP
#define LOCKWAIT_HPP

#include "lockwait.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#ifdef LOCKWAIT_MODERN
#include <functional>
#endif

#ifdef LOCKWAIT_THROW
#include <stdexcept>
/* Programs whose parts differ in LOCKWAIT_THROW get two sets of classes, not one broken one. */
#define LOCKWAIT_MODE throwing
#define LOCKWAIT_LOOK
#else
#define LOCKWAIT_MODE returning
#if __cplusplus >= 201703L || (defined(_MSVC_LANG) && _MSVC_LANG >= 201703L)
#define LOCKWAIT_LOOK [[nodiscard]]
#else
#define LOCKWAIT_LOOK
#endif
#endif

namespace lockwait {
inline namespace LOCKWAIT_MODE {

/* --- Numbers ---------------------------------------------------------------------------------------------------- */

/** What a function came to: the LOCKWAIT_RESULT_ numbers. */
enum class code : std::uint32_t {
    ok = LOCKWAIT_RESULT_OK,
    empty = LOCKWAIT_RESULT_EMPTY,
    timeout = LOCKWAIT_RESULT_TIMEOUT,
    null_pointer = LOCKWAIT_RESULT_NULL_POINTER,
    invalid_handle = LOCKWAIT_RESULT_INVALID_HANDLE,
    invalid_argument = LOCKWAIT_RESULT_INVALID_ARGUMENT,
    invalid_size = LOCKWAIT_RESULT_INVALID_SIZE,
    invalid_text = LOCKWAIT_RESULT_INVALID_TEXT,
    buffer_too_small = LOCKWAIT_RESULT_BUFFER_TOO_SMALL,
    invalid_policy = LOCKWAIT_RESULT_INVALID_POLICY,
    no_such_pickup = LOCKWAIT_RESULT_NO_SUCH_PICKUP,
    not_asked = LOCKWAIT_RESULT_NOT_ASKED,
    wrong_answer = LOCKWAIT_RESULT_WRONG_ANSWER,
    trace_malformed = LOCKWAIT_RESULT_TRACE_MALFORMED,
    trace_differs = LOCKWAIT_RESULT_TRACE_DIFFERS,
    invalid_snapshot = LOCKWAIT_RESULT_INVALID_SNAPSHOT,
    wrong_state = LOCKWAIT_RESULT_WRONG_STATE,
    cannot_start = LOCKWAIT_RESULT_CANNOT_START,
    system = LOCKWAIT_RESULT_SYSTEM,
    unsupported = LOCKWAIT_RESULT_UNSUPPORTED,
    too_many = LOCKWAIT_RESULT_TOO_MANY,
    panic = LOCKWAIT_RESULT_PANIC
};

/** Whose number a code is: the LOCKWAIT_DOMAIN_ numbers. */
enum class domain : std::uint32_t {
    none = 0,
    win32 = LOCKWAIT_DOMAIN_WIN32,
    posix = LOCKWAIT_DOMAIN_ERRNO,
    ntstatus = LOCKWAIT_DOMAIN_NTSTATUS,
    ncp = LOCKWAIT_DOMAIN_NCP,
    lockwait = LOCKWAIT_DOMAIN_LOCKWAIT
};

/** Values in domain::lockwait: the LOCKWAIT_FINDING_ numbers. */
enum class finding : std::uint32_t {
    not_regular = LOCKWAIT_FINDING_NOT_REGULAR,
    outside = LOCKWAIT_FINDING_OUTSIDE,
    changed = LOCKWAIT_FINDING_CHANGED,
    content_rejected = LOCKWAIT_FINDING_CONTENT_REJECTED,
    companion_missing = LOCKWAIT_FINDING_COMPANION_MISSING,
    unfinished = LOCKWAIT_FINDING_UNFINISHED,
    gave_up = LOCKWAIT_FINDING_GAVE_UP,
    name_taken = LOCKWAIT_FINDING_NAME_TAKEN,
    destination = LOCKWAIT_FINDING_DESTINATION
};

/** The class of trouble that a code belongs to: the LOCKWAIT_CAUSE_ numbers. */
enum class cause : std::uint32_t {
    clear = LOCKWAIT_CAUSE_CLEAR,
    lock = LOCKWAIT_CAUSE_LOCK,
    range_lock = LOCKWAIT_CAUSE_RANGE_LOCK,
    maybe_lock = LOCKWAIT_CAUSE_MAYBE_LOCK,
    going = LOCKWAIT_CAUSE_GOING,
    gone = LOCKWAIT_CAUSE_GONE,
    unreachable = LOCKWAIT_CAUSE_UNREACHABLE,
    resource = LOCKWAIT_CAUSE_RESOURCE,
    target_full = LOCKWAIT_CAUSE_TARGET_FULL,
    provider = LOCKWAIT_CAUSE_PROVIDER,
    name_taken = LOCKWAIT_CAUSE_NAME_TAKEN,
    cross_volume = LOCKWAIT_CAUSE_CROSS_VOLUME,
    device = LOCKWAIT_CAUSE_DEVICE,
    denied = LOCKWAIT_CAUSE_DENIED,
    invalid = LOCKWAIT_CAUSE_INVALID,
    infected = LOCKWAIT_CAUSE_INFECTED,
    cancelled = LOCKWAIT_CAUSE_CANCELLED,
    interrupted = LOCKWAIT_CAUSE_INTERRUPTED,
    unsupported = LOCKWAIT_CAUSE_UNSUPPORTED,
    unknown = LOCKWAIT_CAUSE_UNKNOWN
};

/** What a content says of its end: the LOCKWAIT_CONTENT_ numbers. */
enum class content : std::uint32_t {
    unknown = LOCKWAIT_CONTENT_UNKNOWN,
    complete = LOCKWAIT_CONTENT_COMPLETE,
    incomplete = LOCKWAIT_CONTENT_INCOMPLETE,
    check = LOCKWAIT_CONTENT_CHECK
};

/** How a host knows: the LOCKWAIT_METHOD_ numbers. */
enum class method : std::uint32_t {
    unknown = LOCKWAIT_METHOD_UNKNOWN,
    open = LOCKWAIT_METHOD_OPEN,
    share_mode = LOCKWAIT_METHOD_SHARE_MODE,
    lease = LOCKWAIT_METHOD_LEASE,
    record_lock = LOCKWAIT_METHOD_RECORD_LOCK,
    flock = LOCKWAIT_METHOD_FLOCK,
    stability = LOCKWAIT_METHOD_STABILITY
};

/** What a holder may do with the file: the LOCKWAIT_ACCESS_ numbers. */
enum class access : std::uint32_t {
    unknown = LOCKWAIT_ACCESS_UNKNOWN,
    read = LOCKWAIT_ACCESS_READ,
    write = LOCKWAIT_ACCESS_WRITE,
    read_write = LOCKWAIT_ACCESS_READ_WRITE
};

/** What a notice says: the LOCKWAIT_HINT_ numbers. */
enum class hint : std::uint32_t {
    closed = LOCKWAIT_HINT_CLOSED,
    renamed = LOCKWAIT_HINT_RENAMED,
    changed = LOCKWAIT_HINT_CHANGED,
    seen = LOCKWAIT_HINT_SEEN,
    removed = LOCKWAIT_HINT_REMOVED
};

/** What the host is asked for: the LOCKWAIT_ACTION_ numbers. */
enum class ask : std::uint32_t {
    none = 0,
    try_it = LOCKWAIT_ACTION_TRY,
    take = LOCKWAIT_ACTION_TAKE,
    identify = LOCKWAIT_ACTION_IDENTIFY,
    quarantine = LOCKWAIT_ACTION_QUARANTINE
};

/** Of a pickup's place: the LOCKWAIT_PART_ numbers. */
enum class part : std::uint32_t {
    path = LOCKWAIT_PART_PATH,
    folder = LOCKWAIT_PART_FOLDER,
    name = LOCKWAIT_PART_NAME
};

/** What happened: the LOCKWAIT_EVENT_ numbers, which are the ids in the event log. */
enum class event_id : std::uint32_t {
    started = LOCKWAIT_EVENT_STARTED,
    stopped = LOCKWAIT_EVENT_STOPPED,
    folder_unreachable = LOCKWAIT_EVENT_FOLDER_UNREACHABLE,
    folder_reachable = LOCKWAIT_EVENT_FOLDER_REACHABLE,
    gave_up = LOCKWAIT_EVENT_GAVE_UP,
    engine_trouble = LOCKWAIT_EVENT_ENGINE_TROUBLE,
    acquired = LOCKWAIT_EVENT_ACQUIRED,
    lock_held = LOCKWAIT_EVENT_LOCK_HELD
};

/** How much it matters: the LOCKWAIT_SEVERITY_ numbers. */
enum class severity : std::uint32_t {
    information = LOCKWAIT_SEVERITY_INFORMATION,
    warning = LOCKWAIT_SEVERITY_WARNING,
    error = LOCKWAIT_SEVERITY_ERROR
};

/** How a pickup ended: the LOCKWAIT_END_ numbers. */
enum class end : std::uint32_t {
    none = LOCKWAIT_END_NONE,
    taken = LOCKWAIT_END_TAKEN,
    gone = LOCKWAIT_END_GONE,
    quarantined = LOCKWAIT_END_QUARANTINED,
    refused = LOCKWAIT_END_REFUSED,
    cancelled = LOCKWAIT_END_CANCELLED
};

/** What the administrator should do: the LOCKWAIT_ADVICE_ numbers. */
enum class advice : std::uint32_t {
    none = LOCKWAIT_ADVICE_NONE,
    ignore = LOCKWAIT_ADVICE_IGNORE,
    act = LOCKWAIT_ADVICE_ACT,
    cannot_tell = LOCKWAIT_ADVICE_CANNOT_TELL
};

/** Why a file was held: the LOCKWAIT_KIND_ numbers. */
enum class kind : std::uint32_t {
    none = LOCKWAIT_KIND_NONE,
    writer_finishing = LOCKWAIT_KIND_WRITER_FINISHING,
    writer_stalled = LOCKWAIT_KIND_WRITER_STALLED,
    scanner = LOCKWAIT_KIND_SCANNER,
    backup = LOCKWAIT_KIND_BACKUP,
    sync = LOCKWAIT_KIND_SYNC,
    indexer = LOCKWAIT_KIND_INDEXER,
    other_consumer = LOCKWAIT_KIND_OTHER_CONSUMER,
    own_process = LOCKWAIT_KIND_OWN_PROCESS,
    unknown_holder = LOCKWAIT_KIND_UNKNOWN_HOLDER,
    unreachable = LOCKWAIT_KIND_UNREACHABLE,
    refused = LOCKWAIT_KIND_REFUSED
};

/** How sure a verdict is: the LOCKWAIT_CONFIDENCE_ numbers. */
enum class confidence : std::uint32_t {
    none = LOCKWAIT_CONFIDENCE_NONE,
    low = LOCKWAIT_CONFIDENCE_LOW,
    medium = LOCKWAIT_CONFIDENCE_MEDIUM,
    high = LOCKWAIT_CONFIDENCE_HIGH
};

/** Whether somebody asked who holds a file: the LOCKWAIT_ASKED_ numbers. */
enum class asked : std::uint32_t {
    not_asked = LOCKWAIT_ASKED_NOT,
    found = LOCKWAIT_ASKED_FOUND,
    could_not = LOCKWAIT_ASKED_COULD_NOT
};

/* --- Results ---------------------------------------------------------------------------------------------------- */

/** What a call came to. True when it did what it was for. */
class LOCKWAIT_LOOK result {
public:
    explicit result(lockwait_result number = LOCKWAIT_RESULT_OK) noexcept : number_(number) {}

    explicit operator bool() const noexcept { return number_ == LOCKWAIT_RESULT_OK; }
    /** Neither done nor "nothing there" nor "not yet". */
    bool is_error() const noexcept { return number_ >= LOCKWAIT_RESULT_NULL_POINTER; }
    lockwait::code code() const noexcept { return static_cast<lockwait::code>(number_); }
    /** "OK", "NULL_POINTER", ... */
    const char *name() const noexcept { return lockwait_result_name(number_); }
    /** What it means, in a few words. */
    const char *text() const noexcept { return lockwait_result_text(number_); }
    /** For who does not care. */
    void ignore() const noexcept {}

private:
    lockwait_result number_;
};

inline bool operator==(result a, code b) noexcept { return a.code() == b; }
inline bool operator!=(result a, code b) noexcept { return a.code() != b; }

namespace detail {

/** Calls `call(buffer, capacity, &length)` with a buffer that is large enough. */
template <class Char, class Call> lockwait_result read(std::basic_string<Char> &text, Call call)
{
    std::size_t length = 0;
    lockwait_result done = call(nullptr, 0, &length);
    while (done == LOCKWAIT_RESULT_BUFFER_TOO_SMALL) {
        text.resize(length + 1);
        done = call(&text[0], text.size(), &length);
    }
    text.resize(done == LOCKWAIT_RESULT_OK ? length : 0);
    return done;
}

} // namespace detail

/** The text of this thread's last call that was an error. */
inline std::string last_error()
{
    std::string text;
    detail::read(text, [](char *buffer, std::size_t capacity, std::size_t *length) {
        return lockwait_last_error(buffer, capacity, length);
    });
    return text;
}

#ifdef LOCKWAIT_THROW
/** An error, with the library's text for it. */
class error : public std::runtime_error {
public:
    explicit error(lockwait::result result) : std::runtime_error(last_error()), result_(result) {}
    lockwait::result result() const noexcept { return result_; }

private:
    lockwait::result result_;
};
#endif

namespace detail {

inline result checked(lockwait_result number)
{
    result done(number);
#ifdef LOCKWAIT_THROW
    if (done.is_error())
        throw error(done);
#endif
    return done;
}

} // namespace detail

/** A value, or why there is none. */
template <class T> class LOCKWAIT_LOOK maybe {
public:
    maybe(lockwait::result result, T value) : result_(result), value_(std::move(value)) {}

    explicit operator bool() const noexcept { return static_cast<bool>(result_); }
    lockwait::result result() const noexcept { return result_; }
    /** The value; an empty one when there is none. */
    T &operator*() noexcept { return value_; }
    const T &operator*() const noexcept { return value_; }
    T *operator->() noexcept { return &value_; }
    const T *operator->() const noexcept { return &value_; }

private:
    lockwait::result result_;
    T value_;
};

/* --- Text ------------------------------------------------------------------------------------------------------- */

/** UTF-8 going in: anything that has a beginning and a length, lent for the duration of a call. */
class text {
public:
    text(const char *given) noexcept : data_(given), size_(given == nullptr ? 0 : std::strlen(given)) {}
    text(const char *data, std::size_t size) noexcept : data_(data), size_(size) {}
    text(const std::string &given) noexcept : data_(given.data()), size_(given.size()) {}

    const char *data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

private:
    const char *data_;
    std::size_t size_;
};

/** UTF-16 going in: names as Windows has them, unpaired surrogates and all. */
class wide_text {
public:
    wide_text(const std::uint16_t *data, std::size_t size) noexcept : data_(data), size_(size) {}
    wide_text(const std::u16string &given) noexcept
        : data_(reinterpret_cast<const std::uint16_t *>(given.data())), size_(given.size())
    {
    }
#ifdef _WIN32
    wide_text(const std::wstring &given) noexcept
        : data_(reinterpret_cast<const std::uint16_t *>(given.data())), size_(given.size())
    {
    }
#endif

    const std::uint16_t *data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

private:
    const std::uint16_t *data_;
    std::size_t size_;
};

/** Text that Lockwait lends, copied. */
inline std::string to_string(const lockwait_str &lent) { return std::string(lent.data, lent.len); }

namespace detail {

/** One of the C structs that begin with their size, all zero but for that. */
template <class Struct> Struct sized() noexcept
{
    Struct value = Struct();
    value.size = static_cast<std::uint32_t>(sizeof(Struct));
    return value;
}

/** A string from a function that fills a buffer. */
template <class Call> maybe<std::string> string_from(Call call)
{
    std::string text;
    lockwait_result done = read(text, call);
    return maybe<std::string>(checked(done), std::move(text));
}

inline void end(lockwait_policy *handle) noexcept { lockwait_policy_free(handle); }
inline void end(lockwait_router *handle) noexcept { lockwait_router_free(handle); }
inline void end(lockwait_event *handle) noexcept { lockwait_event_free(handle); }
inline void end(lockwait_replay *handle) noexcept { lockwait_replay_free(handle); }
#ifdef LOCKWAIT_MODERN
inline void end(lockwait_pickup *handle) noexcept { lockwait_pickup_free(handle); }
inline void end(lockwait_sink *handle) noexcept { lockwait_sink_free(handle); }
#endif

/** Owns a handle. */
template <class Handle> class owned {
public:
    owned() noexcept : handle_(nullptr) {}
    explicit owned(Handle *handle) noexcept : handle_(handle) {}
    owned(owned &&other) noexcept : handle_(other.release()) {}
    owned &operator=(owned &&other) noexcept
    {
        if (this != &other)
            reset(other.release());
        return *this;
    }
    owned(const owned &) = delete;
    owned &operator=(const owned &) = delete;
    ~owned() { reset(nullptr); }

    /** Whether there is something to own. */
    explicit operator bool() const noexcept { return handle_ != nullptr; }
    /** The handle, for the functions of lockwait.h; still owned. */
    Handle *get() const noexcept { return handle_; }
    /** Gives the handle away. */
    Handle *release() noexcept
    {
        Handle *handle = handle_;
        handle_ = nullptr;
        return handle;
    }

private:
    void reset(Handle *handle) noexcept
    {
        if (handle_ != nullptr)
            end(handle_);
        handle_ = handle;
    }

    Handle *handle_;
};

} // namespace detail

/* --- Codes and the clock ---------------------------------------------------------------------------------------- */

/** The time to give as `now`: microseconds since 1970 UTC. */
inline std::uint64_t now()
{
    std::uint64_t at = 0;
    detail::checked(lockwait_now(&at)).ignore();
    return at;
}

/** Whether the library that was loaded has the interface that this program was built for. */
inline bool is_compatible() noexcept { return lockwait_abi_version() == LOCKWAIT_ABI_VERSION; }

/** What is known of a code. */
struct explanation {
    lockwait::cause cause;
    std::string name;
    std::string meaning;
    std::string cause_name;
    std::string advice;
};

/** Says which class of trouble a code belongs to, and explains it. */
inline maybe<explanation> explain(domain where, std::uint32_t value)
{
    lockwait_explanation raw = detail::sized<lockwait_explanation>();
    explanation known = {cause::unknown, "", "", "", ""};
    result done = detail::checked(lockwait_code_explain(static_cast<std::uint32_t>(where), value, &raw));
    if (done)
        known = {static_cast<cause>(raw.cause), to_string(raw.name), to_string(raw.meaning),
                 to_string(raw.cause_name), to_string(raw.advice)};
    return maybe<explanation>(done, std::move(known));
}

/** A code: a number and whose it is. */
struct any_code {
    lockwait::domain domain;
    std::uint32_t value;
};

/** Reads a code as people write it: "32", "0x80070020", "errno:EBUSY", "ncp:0x80". */
inline maybe<any_code> parse_code(text given)
{
    std::uint32_t where = 0, value = 0;
    result done = detail::checked(lockwait_code_parse(given.data(), given.size(), &where, &value));
    return maybe<any_code>(done, any_code{static_cast<domain>(where), value});
}

/** Writes a code in its canonical form: "win32:32". */
inline maybe<std::string> format_code(any_code given)
{
    return detail::string_from([&](char *buffer, std::size_t capacity, std::size_t *length) {
        return lockwait_code_format(static_cast<std::uint32_t>(given.domain), given.value, buffer, capacity, length);
    });
}

/* --- Policy ----------------------------------------------------------------------------------------------------- */

/** Every number and switch. */
class policy : public detail::owned<lockwait_policy> {
public:
    policy() noexcept = default;
    explicit policy(lockwait_policy *handle) noexcept : owned(handle) {}

    /** Every default. */
    static maybe<policy> make()
    {
        lockwait_policy *handle = nullptr;
        result done = detail::checked(lockwait_policy_new(&handle));
        return maybe<policy>(done, policy(handle));
    }

    static maybe<policy> from_json(text json)
    {
        lockwait_policy *handle = nullptr;
        result done = detail::checked(lockwait_policy_from_json(json.data(), json.size(), &handle));
        return maybe<policy>(done, policy(handle));
    }

    lockwait::result set(text key, text value)
    {
        return detail::checked(lockwait_policy_set(get(), key.data(), key.size(), value.data(), value.size()));
    }

    maybe<std::string> value(text key) const
    {
        return detail::string_from([&](char *buffer, std::size_t capacity, std::size_t *length) {
            return lockwait_policy_get(get(), key.data(), key.size(), buffer, capacity, length);
        });
    }

    maybe<std::string> to_json() const
    {
        return detail::string_from([&](char *buffer, std::size_t capacity, std::size_t *length) {
            return lockwait_policy_to_json(get(), buffer, capacity, length);
        });
    }

    lockwait::result check() const { return detail::checked(lockwait_policy_check(get())); }
};

/* --- Events ----------------------------------------------------------------------------------------------------- */

/** Everything about an event that is a number, with the enums for some of its fields. */
struct event_info : lockwait_event_info {
    event_id what() const noexcept { return static_cast<event_id>(id); }
    lockwait::severity how_bad() const noexcept { return static_cast<lockwait::severity>(severity); }
    lockwait::end how_ended() const noexcept { return static_cast<lockwait::end>(end); }
    lockwait::domain code_of() const noexcept { return static_cast<lockwait::domain>(code_domain); }
    lockwait::advice what_to_do() const noexcept { return static_cast<lockwait::advice>(advice); }
    lockwait::kind why_held() const noexcept { return static_cast<lockwait::kind>(kind); }
    lockwait::confidence how_sure() const noexcept { return static_cast<lockwait::confidence>(confidence); }
    lockwait::asked was_asked() const noexcept { return static_cast<lockwait::asked>(asked); }
};

/** One rule that spoke for or against a verdict. */
struct reason {
    std::int32_t weight;
    std::string name;
    std::string text;
};

/** One process or session that has a file open. */
struct holder {
    std::uint32_t pid;
    lockwait::access access;
    std::string name;
    std::string address;
    std::string share;
};

/** An event that somebody else owns: what callbacks are given. */
class event_view {
public:
    explicit event_view(const lockwait_event *handle = nullptr) noexcept : handle_(handle) {}

    maybe<event_info> info() const
    {
        event_info info = event_info();
        info.size = static_cast<std::uint32_t>(sizeof(lockwait_event_info));
        result done = detail::checked(lockwait_event_get(handle_, &info));
        return maybe<event_info>(done, info);
    }

    /** The event in words, one line. */
    std::string line() const { return text_of(LOCKWAIT_TEXT_LINE); }
    /** The event as one line of JSON. */
    std::string json() const { return text_of(LOCKWAIT_TEXT_JSON); }
    /** The file or folder it is about. */
    std::string path() const { return text_of(LOCKWAIT_TEXT_PATH); }
    /** Where the file is now. */
    std::string to() const { return text_of(LOCKWAIT_TEXT_TO); }
    /** One of the eight insertion strings of a message table. */
    std::string insertion(std::uint32_t index) const { return text_of(LOCKWAIT_TEXT_INSERTION + index); }

    /** One of the LOCKWAIT_TEXT_ numbers; empty after an error. */
    std::string text_of(std::uint32_t which) const
    {
        const lockwait_event *handle = handle_;
        return *detail::string_from([=](char *buffer, std::size_t capacity, std::size_t *length) {
            return lockwait_event_text(handle, which, buffer, capacity, length);
        });
    }

    /** Reason number `index`, strongest first; code::empty when there is no such. */
    maybe<reason> reason_at(std::size_t index) const
    {
        lockwait_reason raw = detail::sized<lockwait_reason>();
        reason given = {0, "", ""};
        result done = detail::checked(lockwait_event_reason(handle_, index, &raw));
        if (done)
            given = {raw.weight, to_string(raw.name), to_string(raw.text)};
        return maybe<reason>(done, std::move(given));
    }

    /** Holder number `index`; code::empty when there is no such. */
    maybe<holder> holder_at(std::size_t index) const
    {
        lockwait_holder raw = detail::sized<lockwait_holder>();
        holder given = {0, access::unknown, "", "", ""};
        result done = detail::checked(lockwait_event_holder(handle_, index, &raw));
        if (done)
            given = {raw.pid, static_cast<access>(raw.access), to_string(raw.name), to_string(raw.address),
                     to_string(raw.share)};
        return maybe<holder>(done, std::move(given));
    }

    const lockwait_event *handle() const noexcept { return handle_; }

private:
    const lockwait_event *handle_;
};

/** An event that is the program's own. */
class event : public detail::owned<lockwait_event> {
public:
    event() noexcept = default;
    explicit event(lockwait_event *handle) noexcept : owned(handle) {}

    /** What it says. */
    event_view view() const noexcept { return event_view(get()); }
    event_view operator*() const noexcept { return view(); }
};

/* --- Router ----------------------------------------------------------------------------------------------------- */

/** Size, time, identity of a file. */
typedef lockwait_facts facts;

/** Something the host is asked to do, and to answer once. */
struct action {
    ask kind;
    std::uint64_t pickup;
    facts expected;
};

/** A successful look, to be filled in: everything zero but the size, the content to be checked. */
inline lockwait_look new_look() noexcept
{
    lockwait_look look = detail::sized<lockwait_look>();
    look.content = LOCKWAIT_CONTENT_CHECK;
    return look;
}

/** A refusal with a number in it, to be filled in further. */
inline lockwait_refusal new_refusal(domain where, std::uint32_t value) noexcept
{
    lockwait_refusal refusal = detail::sized<lockwait_refusal>();
    refusal.domain = static_cast<std::uint32_t>(where);
    refusal.value = value;
    return refusal;
}

/** Many pickups, driven by the host. The loop is that of lockwait_router in lockwait.h. */
class router : public detail::owned<lockwait_router> {
public:
    router() noexcept = default;
    explicit router(lockwait_router *handle) noexcept : owned(handle) {}

    /** `quarantine`: the host has a bad folder. `seed`: any number that names of files cannot be made for. */
    static maybe<router> make(const policy &policy, bool quarantine = false, std::uint64_t seed = 0)
    {
        lockwait_router_options options = detail::sized<lockwait_router_options>();
        options.quarantine = quarantine ? 1 : 0;
        options.seed = seed;
        lockwait_router *handle = nullptr;
        result done = detail::checked(lockwait_router_new(policy.get(), &options, &handle));
        return maybe<router>(done, router(handle));
    }

    static maybe<router> restore(text snapshot)
    {
        lockwait_router *handle = nullptr;
        result done = detail::checked(lockwait_router_restore(snapshot.data(), snapshot.size(), &handle));
        return maybe<router>(done, router(handle));
    }

    maybe<std::string> snapshot() const
    {
        lockwait_router *handle = get();
        return detail::string_from([=](char *buffer, std::size_t capacity, std::size_t *length) {
            return lockwait_router_snapshot(handle, buffer, capacity, length);
        });
    }

    /* 1. What happened. */

    maybe<std::uint64_t> submit(std::uint64_t now, text folder, text name)
    {
        std::uint64_t pickup = 0;
        result done = detail::checked(lockwait_router_submit(get(), now, folder.data(), folder.size(), name.data(),
                                                             name.size(), &pickup));
        return maybe<std::uint64_t>(done, pickup);
    }
    maybe<std::uint64_t> submit(std::uint64_t now, wide_text folder, wide_text name)
    {
        std::uint64_t pickup = 0;
        result done = detail::checked(lockwait_router_submit_utf16(get(), now, folder.data(), folder.size(),
                                                                   name.data(), name.size(), &pickup));
        return maybe<std::uint64_t>(done, pickup);
    }
    maybe<std::uint64_t> find(text folder, text name) const
    {
        std::uint64_t pickup = 0;
        result done = detail::checked(
            lockwait_router_find(get(), folder.data(), folder.size(), name.data(), name.size(), &pickup));
        return maybe<std::uint64_t>(done, pickup);
    }
    lockwait::result hint(std::uint64_t now, std::uint64_t pickup, lockwait::hint hint)
    {
        return detail::checked(lockwait_router_hint(get(), now, pickup, static_cast<std::uint32_t>(hint)));
    }
    lockwait::result cancel(std::uint64_t now, std::uint64_t pickup)
    {
        return detail::checked(lockwait_router_cancel(get(), now, pickup));
    }
    lockwait::result folder_lost(std::uint64_t now, text folder, domain where, std::uint32_t value)
    {
        return detail::checked(lockwait_router_folder_lost(get(), now, folder.data(), folder.size(),
                                                           static_cast<std::uint32_t>(where), value));
    }
    lockwait::result folder_found(std::uint64_t now, text folder)
    {
        return detail::checked(lockwait_router_folder_found(get(), now, folder.data(), folder.size()));
    }

    lockwait::result answer_opened(std::uint64_t now, std::uint64_t pickup, const lockwait_look &look)
    {
        return detail::checked(lockwait_router_answer_opened(get(), now, pickup, &look));
    }
    lockwait::result answer_refused(std::uint64_t now, std::uint64_t pickup, const lockwait_refusal &refusal)
    {
        return detail::checked(lockwait_router_answer_refused(get(), now, pickup, &refusal));
    }
    lockwait::result answer_code(std::uint64_t now, std::uint64_t pickup, domain where, std::uint32_t value)
    {
        return detail::checked(
            lockwait_router_answer_code(get(), now, pickup, static_cast<std::uint32_t>(where), value));
    }
    lockwait::result answer_taken(std::uint64_t now, std::uint64_t pickup, text to, std::uint64_t bytes)
    {
        return detail::checked(lockwait_router_answer_taken(get(), now, pickup, to.data(), to.size(), bytes));
    }
    lockwait::result answer_taken(std::uint64_t now, std::uint64_t pickup, wide_text to, std::uint64_t bytes)
    {
        return detail::checked(lockwait_router_answer_taken_utf16(get(), now, pickup, to.data(), to.size(), bytes));
    }
    /** `now_is`: the file as it is now; nullptr where that could not be had. */
    lockwait::result answer_changed(std::uint64_t now, std::uint64_t pickup, const lockwait::facts *now_is)
    {
        return detail::checked(lockwait_router_answer_changed(get(), now, pickup, now_is));
    }
    lockwait::result answer_holders(std::uint64_t now, std::uint64_t pickup, const lockwait_holder *holders,
                                    std::size_t count)
    {
        return detail::checked(lockwait_router_answer_holders(get(), now, pickup, holders, count));
    }
    lockwait::result answer_could_not_ask(std::uint64_t now, std::uint64_t pickup, domain where, std::uint32_t value)
    {
        return detail::checked(
            lockwait_router_answer_could_not_ask(get(), now, pickup, static_cast<std::uint32_t>(where), value));
    }
#ifdef LOCKWAIT_MODERN
    lockwait::result answer_who(std::uint64_t now, std::uint64_t pickup)
    {
        return detail::checked(lockwait_router_answer_who(get(), now, pickup));
    }
#endif
    lockwait::result answer_rejected(std::uint64_t now, std::uint64_t pickup, domain where, std::uint32_t value)
    {
        return detail::checked(
            lockwait_router_answer_rejected(get(), now, pickup, static_cast<std::uint32_t>(where), value));
    }
    lockwait::result answer_quarantined(std::uint64_t now, std::uint64_t pickup, text to)
    {
        return detail::checked(lockwait_router_answer_quarantined(get(), now, pickup, to.data(), to.size()));
    }
    lockwait::result answer_quarantined(std::uint64_t now, std::uint64_t pickup, wide_text to)
    {
        return detail::checked(lockwait_router_answer_quarantined_utf16(get(), now, pickup, to.data(), to.size()));
    }

    /* 2. Time. */

    lockwait::result handle_timeout(std::uint64_t now)
    {
        return detail::checked(lockwait_router_handle_timeout(get(), now));
    }
    /** When that is due; code::empty when nothing waits for time. */
    maybe<std::uint64_t> next_timeout() const
    {
        std::uint64_t at = 0;
        result done = detail::checked(lockwait_router_next_timeout(get(), &at));
        return maybe<std::uint64_t>(done, at);
    }

    /* 3. Actions: code::empty when there are none. */

    maybe<action> next_action()
    {
        lockwait_action raw = detail::sized<lockwait_action>();
        result done = detail::checked(lockwait_router_next_action(get(), &raw));
        return maybe<action>(done, action{static_cast<ask>(raw.kind), raw.pickup, raw.expected});
    }

    /* 4. Events: code::empty when there are none. */

    maybe<event> next_event()
    {
        lockwait_event *handle = nullptr;
        result done = detail::checked(lockwait_router_next_event(get(), &handle));
        return maybe<event>(done, event(handle));
    }

    /* What can be seen. */

    maybe<lockwait_view> view(std::uint64_t pickup) const
    {
        lockwait_view view = detail::sized<lockwait_view>();
        result done = detail::checked(lockwait_router_view(get(), pickup, &view));
        return maybe<lockwait_view>(done, view);
    }
    maybe<std::string> place(std::uint64_t pickup, part which = part::path) const
    {
        lockwait_router *handle = get();
        return detail::string_from([=](char *buffer, std::size_t capacity, std::size_t *length) {
            return lockwait_router_place(handle, pickup, static_cast<std::uint32_t>(which), buffer, capacity, length);
        });
    }
    maybe<lockwait_counts> count() const
    {
        lockwait_counts counts = detail::sized<lockwait_counts>();
        result done = detail::checked(lockwait_router_count(get(), &counts));
        return maybe<lockwait_counts>(done, counts);
    }

    /* The beginning, the end, and the trace. */

    lockwait::result announce_started(std::uint64_t now)
    {
        return detail::checked(lockwait_router_announce_started(get(), now));
    }
    lockwait::result announce_stopped(std::uint64_t now)
    {
        return detail::checked(lockwait_router_announce_stopped(get(), now));
    }
    lockwait::result stop(std::uint64_t now) { return detail::checked(lockwait_router_stop(get(), now)); }
    lockwait::result trace() { return detail::checked(lockwait_router_trace(get())); }
    maybe<std::string> next_trace_line()
    {
        lockwait_router *handle = get();
        return detail::string_from([=](char *buffer, std::size_t capacity, std::size_t *length) {
            return lockwait_router_next_trace_line(handle, buffer, capacity, length);
        });
    }
};

/** What a replayed trace gave. */
class replay : public detail::owned<lockwait_replay> {
public:
    replay() noexcept = default;
    explicit replay(lockwait_replay *handle) noexcept : owned(handle) {}

    /** As recorded: the outputs must be those recorded. */
    static maybe<replay> of(text trace) { return of(trace, policy()); }
    /** Under another policy, unless that is an empty one. */
    static maybe<replay> of(text trace, const policy &policy)
    {
        lockwait_replay *handle = nullptr;
        result done = detail::checked(lockwait_trace_replay(trace.data(), trace.size(), policy.get(), &handle));
        return maybe<replay>(done, replay(handle));
    }

    maybe<lockwait_replay_info> info() const
    {
        lockwait_replay_info info = detail::sized<lockwait_replay_info>();
        result done = detail::checked(lockwait_replay_get(get(), &info));
        return maybe<lockwait_replay_info>(done, info);
    }

    maybe<event> next_event()
    {
        lockwait_event *handle = nullptr;
        result done = detail::checked(lockwait_replay_next_event(get(), &handle));
        return maybe<event>(done, event(handle));
    }
};

#ifdef LOCKWAIT_MODERN
/* --- The native runner ------------------------------------------------------------------------------------------ */

/** What a path is to a run: the LOCKWAIT_ROLE_ numbers. */
enum class role : std::uint32_t {
    source = LOCKWAIT_ROLE_SOURCE,
    file = LOCKWAIT_ROLE_FILE,
    into = LOCKWAIT_ROLE_INTO,
    bad = LOCKWAIT_ROLE_BAD,
    trace = LOCKWAIT_ROLE_TRACE
};

/** What may be set of a run: the LOCKWAIT_OPTION_ numbers. */
enum class option : std::uint32_t {
    once = LOCKWAIT_OPTION_ONCE,
    hints = LOCKWAIT_OPTION_HINTS,
    limit_ms = LOCKWAIT_OPTION_LIMIT_MS,
    progress_ms = LOCKWAIT_OPTION_PROGRESS_MS
};

/** A run of the native runner: set up, then run once. Its end waits for the run's. */
class pickup : public detail::owned<lockwait_pickup> {
public:
    pickup() noexcept = default;

    static maybe<pickup> make()
    {
        pickup made;
        lockwait_pickup *handle = nullptr;
        result done = detail::checked(lockwait_pickup_new(&handle));
        static_cast<owned &>(made) = owned(handle);
        return maybe<pickup>(done, std::move(made));
    }

    pickup(pickup &&other) noexcept = default;
    pickup &operator=(pickup &&other) noexcept
    {
        /* The old run must have ended before its callbacks go. */
        static_cast<owned &>(*this) = static_cast<owned &&>(other);
        told_ = std::move(other.told_);
        return *this;
    }
    ~pickup() { static_cast<owned &>(*this) = owned(); }

    lockwait::result set_path(role what, text path)
    {
        return detail::checked(
            lockwait_pickup_set_path(get(), static_cast<std::uint32_t>(what), path.data(), path.size()));
    }
    lockwait::result set_path(role what, wide_text path)
    {
        return detail::checked(
            lockwait_pickup_set_path_utf16(get(), static_cast<std::uint32_t>(what), path.data(), path.size()));
    }
    lockwait::result set_policy(const policy &policy)
    {
        return detail::checked(lockwait_pickup_set_policy(get(), policy.get()));
    }
    lockwait::result set_option(option what, std::uint64_t value)
    {
        return detail::checked(lockwait_pickup_set_option(get(), static_cast<std::uint32_t>(what), value));
    }

    /** Who is told, on the run's thread; each may be empty. None may throw: that ends the program. */
    lockwait::result set_callbacks(std::function<void(event_view)> on_event,
                                   std::function<void(const lockwait_progress &)> on_progress = nullptr,
                                   std::function<void(const std::string &)> on_trouble = nullptr)
    {
        std::unique_ptr<told> kept(new told{std::move(on_event), std::move(on_progress), std::move(on_trouble)});
        result done = detail::checked(lockwait_pickup_set_callbacks(
            get(), kept.get(), kept->event ? &pass_event : nullptr, kept->progress ? &pass_progress : nullptr,
            kept->trouble ? &pass_trouble : nullptr));
        if (done)
            told_ = std::move(kept);
        return done;
    }

    /** Runs here until it ends. */
    maybe<lockwait_summary> run()
    {
        lockwait_summary summary = detail::sized<lockwait_summary>();
        result done = detail::checked(lockwait_pickup_run(get(), &summary));
        return maybe<lockwait_summary>(done, summary);
    }
    /** Runs on a thread of its own. */
    lockwait::result start() { return detail::checked(lockwait_pickup_start(get())); }
    /** Waits for the end; code::timeout when it goes on. */
    maybe<lockwait_summary> wait(std::uint32_t timeout_ms = LOCKWAIT_FOREVER)
    {
        lockwait_summary summary = detail::sized<lockwait_summary>();
        result done = detail::checked(lockwait_pickup_wait(get(), timeout_ms, &summary));
        return maybe<lockwait_summary>(done, summary);
    }
    /** Ends the run within 100 ms; from any thread, callbacks included. */
    lockwait::result cancel() { return detail::checked(lockwait_pickup_cancel(get())); }

private:
    struct told {
        std::function<void(event_view)> event;
        std::function<void(const lockwait_progress &)> progress;
        std::function<void(const std::string &)> trouble;
    };

    static void pass_event(void *user, const lockwait_event *event) noexcept
    {
        static_cast<told *>(user)->event(event_view(event));
    }
    static void pass_progress(void *user, const lockwait_progress *progress) noexcept
    {
        static_cast<told *>(user)->progress(*progress);
    }
    static void pass_trouble(void *user, const char *text, std::size_t length) noexcept
    {
        static_cast<told *>(user)->trouble(std::string(text, length));
    }

    std::unique_ptr<told> told_;
};

/** Somewhere that events are written to. */
class sink : public detail::owned<lockwait_sink> {
public:
    sink() noexcept = default;
    explicit sink(lockwait_sink *handle) noexcept : owned(handle) {}

    /** "eventlog", "journald", "syslog", or the path of a file for JSON Lines. */
    static maybe<sink> open(text target)
    {
        lockwait_sink *handle = nullptr;
        result done = detail::checked(lockwait_sink_open(target.data(), target.size(), &handle));
        return maybe<sink>(done, sink(handle));
    }

    lockwait::result write(event_view event)
    {
        return detail::checked(lockwait_sink_write(get(), event.handle()));
    }
};
#endif

} // namespace LOCKWAIT_MODE
} // namespace lockwait

#undef LOCKWAIT_MODE
#undef LOCKWAIT_LOOK

#endif
