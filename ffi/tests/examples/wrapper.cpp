// The C++ header at work, with every class that both flavours have; built with and without LOCKWAIT_THROW.
#include <lockwait.hpp>

#include <cstdio>
#include <cstdlib>

static void check(bool is_so, int line)
{
    if (is_so)
        return;
    std::fprintf(stderr, "wrapper.cpp:%d: not so; the last error: %s\n", line, lockwait::last_error().c_str());
    std::exit(1);
}
#define CHECK(...) check(static_cast<bool>(__VA_ARGS__), __LINE__)

// Picks up one file that is held at first: the router's story from beginning to end.
static std::string a_router_tells_its_story(const lockwait::policy &policy)
{
    auto made = lockwait::router::make(policy, true, 7);
    CHECK(made);
    lockwait::router router = std::move(*made);
    CHECK(!*made && router);
    CHECK(router.trace());
    std::uint64_t now = 1000000;
    auto pickup = router.submit(now, "/in", std::string("a.dat"));
    CHECK(pickup && *router.find("/in", "a.dat") == *pickup);
    CHECK(*router.place(*pickup, lockwait::part::name) == "a.dat");

    auto action = router.next_action();
    CHECK(action && action->kind == lockwait::ask::try_it && action->pickup == *pickup);
    CHECK(router.next_action().result() == lockwait::code::empty);
    lockwait_refusal refusal = lockwait::new_refusal(lockwait::domain::win32, 32);
    refusal.access = static_cast<std::uint32_t>(lockwait::access::write);
    refusal.has_facts = 1;
    refusal.facts.bytes = 3;
    CHECK(router.answer_refused(now, *pickup, refusal));
    CHECK(router.view(*pickup)->held != 0 && router.count()->held == 1);
    CHECK(*router.next_timeout() > now && *router.next_timeout() <= now + 200000);

    // A router that was kept goes on where it was.
    auto snapshot = router.snapshot();
    CHECK(snapshot && lockwait::router::restore(*snapshot)->count()->held == 1);

    now += 6000000;
    CHECK(router.handle_timeout(now) && router.next_action()->kind == lockwait::ask::try_it);
    lockwait_look look = lockwait::new_look();
    look.content = static_cast<std::uint32_t>(lockwait::content::complete);
    look.facts.bytes = 5;
    CHECK(router.answer_opened(now, *pickup, look));
    action = router.next_action();
    CHECK(action && action->kind == lockwait::ask::take && action->expected.bytes == 5);
    CHECK(router.answer_taken(now, *pickup, "/out/a.dat", 5));

    auto event = router.next_event();
    CHECK(event);
    auto view = event->view();
    auto info = view.info();
    CHECK(info->what() == lockwait::event_id::acquired && info->how_ended() == lockwait::end::taken);
    CHECK(info->code_of() == lockwait::domain::win32 && info->waited == 6000000 && info->reasons > 0);
    CHECK(view.path() == "/in/a.dat" && view.to() == "/out/a.dat" && !view.line().empty() && !view.json().empty());
    CHECK(!view.reason_at(0)->name.empty() && view.holder_at(0).result() == lockwait::code::empty);

    std::string trace;
    for (auto line = router.next_trace_line(); line; line = router.next_trace_line())
        trace += *line + "\n";
    return trace;
}

static void errors_come_as_they_were_asked_for()
{
    lockwait::policy empty;
#ifdef LOCKWAIT_THROW
    try {
        empty.set("patience", "3s").ignore();
        CHECK(false);
    } catch (const lockwait::error &error) {
        CHECK(error.result() == lockwait::code::null_pointer && error.what() == lockwait::last_error());
    }
#else
    CHECK(empty.set("patience", "3s") == lockwait::code::null_pointer && !lockwait::last_error().empty());
    CHECK(!lockwait::policy::from_json("{\"patience\": \"soon\"}"));
#endif
}

int main()
{
    CHECK(lockwait::is_compatible() && lockwait::now() > 0);
    CHECK(lockwait::explain(lockwait::domain::win32, 32)->cause == lockwait::cause::lock);
    auto code = lockwait::parse_code("0x80070020");
    CHECK(code && code->domain == lockwait::domain::win32 && *lockwait::format_code(*code) == "win32:32");

    auto policy = lockwait::policy::make();
    CHECK(policy && policy->set("patience", "30s") && policy->check() && *policy->value("patience") == "30s");
    CHECK(policy->to_json()->find("\"patience\":\"30s\"") != std::string::npos);

    std::string trace = a_router_tells_its_story(*policy);
    auto replay = lockwait::replay::of(trace);
    CHECK(replay && replay->info()->events == 1);
    CHECK(replay->next_event()->view().path() == "/in/a.dat");
    CHECK(replay->next_event().result() == lockwait::code::empty);
    errors_come_as_they_were_asked_for();
    std::puts("the C++ header works");
    return 0;
}
