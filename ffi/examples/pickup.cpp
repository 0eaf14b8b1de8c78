// Takes every file that is in one folder to another as it becomes free, says what happened, and ends.
#include <lockwait.hpp>

#include <cstdio>

int main(int count, char **words)
{
    if (count != 3)
        return std::fprintf(stderr, "usage: pickup FOLDER DESTINATION\n"), 2;
    auto run = lockwait::pickup::make();
    bool is_ready = run && run->set_path(lockwait::role::source, words[1]) &&
                    run->set_path(lockwait::role::into, words[2]) && run->set_option(lockwait::option::once, 1) &&
                    run->set_callbacks([](lockwait::event_view event) { std::puts(event.line().c_str()); });
    auto summary = is_ready ? run->run() : lockwait::maybe<lockwait_summary>(run.result(), lockwait_summary());
    if (!is_ready || !summary)
        return std::fprintf(stderr, "pickup: %s\n", lockwait::last_error().c_str()), 2;
    std::printf("%u files taken, %u need somebody\n", static_cast<unsigned>(summary->taken),
                static_cast<unsigned>(summary->need_action));
    return summary->need_action == 0 ? 0 : 1;
}
