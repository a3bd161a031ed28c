"""The checklist of 28: what is tried, how, with which target, and which tests show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """``tests``: files below tests/, or ``file::test`` for one in all its cases. ``commands``: what
    measures instead where a test would time the machine or take hours; the lines they print are
    the figure. ``lacks``: what of the row neither shows, and why."""

    number: int
    what: str
    how: str
    target: str
    tests: tuple[str, ...] = ()
    lacks: str = ""
    commands: tuple[str, ...] = ()

    def shown_by(self) -> tuple[str, ...]:
        """The tests and the commands."""
        return (*self.tests, *self.commands)


ROWS = (
    Row(
        1,
        "kill -9 at random moments of a poll",
        "a process that polls is killed within 20 ms of a page it stored, again and again; then "
        "the rest is read, and the store compared, row by row and figure by figure, with an "
        "undisturbed one",
        "0 inconsistent; reopened in under 100 ms",
        (
            "store/test_kill.py::test_kills_on_sqlite",
            "store/test_kill.py::test_kills_on_postgresql",
        ),
    ),
    Row(
        2,
        "SIGTERM in mid-page",
        "`run` is told to end while its source answers; then it is started again",
        "exit 0 within 20 s; the page is stored whole or not at all; the next start reads the rest",
        ("reliability/test_signals.py::test_told_to_end_in_mid_page_it_ends_and_the_next_goes_on",),
    ),
    Row(
        3,
        "SIGSTOP over a tick",
        "`run` with a poll every second stands still for 10 s",
        "it polls afterwards; 0 polls counted as missed",
        ("reliability/test_signals.py::test_after_standing_still_it_polls_and_has_missed_none",),
    ),
    Row(
        4,
        "two collectors on one store",
        "two `run`, with a lease of 3 s; the leader is killed, or stopped between and inside "
        "transactions; SQLite and PostgreSQL; and with all connections of its pool in use",
        "failover within the lease plus 1 s; 0 writes under an old fence",
        ("reliability/test_leases.py", "store/test_leases.py"),
    ),
    Row(
        5,
        "the database restarted, or silent, under the collector",
        "a real PostgreSQL is stopped and started under `run`, between polls and between two "
        "pages of one, or says nothing for a while behind a proxy",
        "back by the next poll, without a restart; ends in 20 s when told to",
        (
            "reliability/test_signals.py::test_a_database_that_is_restarted_is_found_again",
            "store/test_migrate.py::test_a_postgresql_that_was_restarted_is_found_again",
            "store/test_migrate.py::test_a_postgresql_restarted_between_two_pages_loses_nothing",
            "reliability/test_silent_database.py",
        ),
    ),
    Row(
        6,
        "disk full, store read-only, taken away, emptied or damaged",
        "`run` on a tmpfs that is filled, on a file whose rights, place or content change; each "
        "bit of small stores is flipped in turn",
        "no crash loop; /readyz 503; last figures with their age; back by itself; no other figure",
        ("reliability/test_store_file.py", "reliability/test_damage.py"),
    ),
    Row(
        7,
        "a bad network",
        "`poll` as a process through a proxy: 2 s of latency, 200 bytes a second, a cut after 600 "
        "bytes, silence, refusal, and 30 % of connections cut at random",
        "within the deadline of 20 s plus 1 s a poll; all read once it is well; 1 request at a "
        "time",
        ("reliability/test_network.py",),
    ),
    Row(
        8,
        "429, 5xx, 401 and 403",
        "a server that answers so, with Retry-After of 0, 1, 3,600 s, a date and rubbish; each "
        "ticket system by its own interface",
        "at most 5 tries, no wait above 60 s; 401 and 403 once, and an alert",
        (
            "io/test_http.py::test_after_five_tries_the_job_is_given_back",
            "io/test_http.py::test_retry_after_is_heeded",
            "io/test_http.py::test_retry_after_may_be_a_date_of_the_servers_clock",
            "io/test_http.py::test_a_long_wait_gives_the_job_back_at_once",
            "io/test_http.py::test_refusals_are_final",
            "conformance/test_ticket_systems.py::test_failure",
            "conformance/test_ticket_systems.py::test_retry_after",
            "conformance/test_ticket_systems.py::test_burst_of_errors",
            "monitoring/test_alert_rules_sources.py::test_a_source_that_never_answered",
        ),
    ),
    Row(
        9,
        "duplicates, out of order, late, deleted, merged, reopened",
        "made-up histories, delivered in any order, any pages and repeatedly (hypothesis)",
        "the same store and the same figures",
        (
            "store/test_pages.py::test_order_repetition_and_splitting_do_not_matter",
            "measuring/test_properties.py::test_any_order_and_any_pages_leave_the_same",
            "measuring/test_properties.py::test_kept_up_to_date_is_measured_anew",
        ),
    ),
    Row(
        10,
        "cursors: late commits, ties, changes while reading",
        "a simulated desk by the feed of each kind, and by the interface of each system",
        "0 missing and 0 stale in every seed",
        (
            "sources/test_kit_walks.py::test_nothing_is_missing_and_nothing_stale",
            "conformance/test_ticket_systems.py::test_walk_simulation",
            "conformance/test_ticket_systems.py::test_late_commit",
            "conformance/test_other_sources.py::test_walk_simulation",
        ),
    ),
    Row(
        11,
        "answers of another shape",
        "each field missing, null, of another type or value, any JSON in the place of each value, "
        "no page, half a page, a login page",
        "rejected and counted, the page goes on; above 5 % the poll fails and the cursor stays",
        (
            "conformance/test_ticket_systems.py::test_damaged_value",
            "conformance/test_ticket_systems.py::test_any_json",
            "conformance/test_ticket_systems.py::test_unknown_value",
            "conformance/test_other_sources.py::test_damaged_value",
            "conformance/test_other_sources.py::test_any_json",
            "service/test_poll.py::test_more_than_five_percent_rejected_fail_and_keep_the_cursor",
            "service/test_service.py::test_bad_answers",
        ),
    ),
    Row(
        12,
        "clocks",
        "`run` with its clock 35 days ahead, and set by an hour both ways while it runs "
        "(faketime); a source's clock set back; every zone, clock change, leap day and year end "
        "against an oracle that counts seconds",
        "nothing frozen by a wrong clock; nothing stops; business seconds equal to the second",
        (
            "reliability/test_other_clocks.py",
            "reliability/test_clocks.py",
            "conformance/test_ticket_systems.py::test_clock_set_back",
            "conformance/test_ticket_systems.py::test_future_date",
            "business_time/test_business_time.py::test_elapsed_equals_the_oracle",
            "business_time/test_business_time.py::test_add_equals_the_oracle_and_is_the_inverse_of_elapsed",
            "business_time/test_local_time.py::test_dates_equal_zoneinfo_in_every_zone",
            "snapshot/test_freeze.py::test_nothing_is_frozen_while_a_clock_is_wrong",
        ),
    ),
    Row(
        13,
        "silence is never zero",
        "a source that fails, shows nothing, or shows nothing any more; the rules of Prometheus "
        "on its own unit tests (promtool)",
        "no figure turns to 0 or 100 %; its age rises; the alert fires after 2 intervals and 1 min",
        (
            "service/test_service.py::test_the_life_of_a_service",
            "service/test_service.py::test_a_source_nobody_answers_for",
            "conformance/test_ticket_systems.py::test_nothing_visible",
            "conformance/test_ticket_systems.py::test_nothing_visible_any_more",
            "monitoring/test_alert_rules_sources.py::test_a_source_that_is_not_read_any_more",
        ),
    ),
    Row(
        14,
        "figures against an oracle",
        "a second implementation, a row at a time, on random tickets, calls, calendars and rules",
        "equal integers",
        ("measuring/test_oracle.py",),
        "engines of SQL and Ibis, since the program has only the one of NumPy",
    ),
    Row(
        15,
        "a frozen month",
        "late tickets, other targets and calendars, a second process, kill -9 while it freezes, "
        "each byte of a snapshot tampered with, snapshots of an earlier release",
        "the sealed bytes stay; differences go to an amendment; verify tells every change",
        (
            "snapshot/test_freeze.py",
            "snapshot/test_verify.py",
            "snapshot/test_killed_while_freezing.py",
            "snapshot/test_frozen_by_an_earlier_version.py",
        ),
    ),
    Row(
        16,
        "backup and restore",
        "`backup` while another process stores pages; restore; a plain copy beside it; PostgreSQL "
        "by its own tools",
        "one moment's store, verified; no writer waits above 50 ms",
        ("store/test_backup.py",),
        "the time of 100 MB: docs/operations.md says what was measured by hand",
    ),
    Row(
        17,
        "migrations",
        "several processes open a new store at once; stores of earlier releases; one of a later",
        "0 broken; a later one is refused",
        (
            "store/test_migrate.py::test_several_processes_may_open_a_new_store_at_once",
            "store/test_migrate.py::test_the_migrations_make_the_tables_of_the_schema",
            "store/test_migrate.py::test_a_store_of_the_first_release_keeps_its_holds_and_learns_its_reopenings",
            "store/test_migrate.py::test_a_later_schema_is_refused",
        ),
    ),
    Row(
        18,
        "/metrics",
        "scrapes while the figures are exchanged, in every form; silent connections, slow "
        "readers, all places of pages taken; a service that stands still; promtool",
        "each scrape wholly old or new; answered beside anything; 503 within seconds where the "
        "service does not answer; 0 complaints",
        (
            "reliability/test_scrapes.py",
            "monitoring/test_exposition.py",
            "security/test_connections.py",
            "security/test_entrance.py",
            "reliability/test_entrance.py",
            "service/test_service.py::test_promtool_has_no_complaints",
        ),
    ),
    Row(
        19,
        "TLS and passwords",
        "a silent TLS connection, an untrusted certificate, TLS 1.1, a hundred wrong passwords",
        "scrapes unaffected; refused",
        ("security/test_gate.py",),
        "that comparing takes the same time: it is hmac.compare_digest and bcrypt's own check",
    ),
    Row(
        20,
        "secrets",
        "`check`, `poll` and `run` at their most talkative with a marked token, which the source "
        "refuses; then all files, logs, metrics and command lines are searched",
        "0 found",
        (
            "reliability/test_secrets.py",
            "monitoring/test_provision.py::test_a_process_that_logs_all_it_can_tells_no_secret",
            "io/test_http.py::test_logs_hold_neither_token_nor_query",
        ),
    ),
    Row(
        21,
        "personal data",
        "every ticket and call system with marked names, addresses, numbers and texts in each "
        "place of its interface that has them",
        "0 found in the store and the log",
        (
            "conformance/test_ticket_systems.py::test_nobody_is_stored",
            "conformance/test_other_sources.py::test_nobody_is_stored",
        ),
    ),
    Row(
        22,
        "redirects and addresses that lead elsewhere",
        "302 to another place, a next link to another host",
        "not followed; the error names the host alone",
        (
            "io/test_http.py::test_refusals_are_final",
            "io/test_http.py::test_addresses_are_checked",
            "sources/test_json_sources.py::test_the_next_address_may_not_lead_elsewhere",
        ),
    ),
    Row(
        23,
        "wrong configurations",
        "one file for each rule, nonsense in the place of each value, billion laughs, very deep "
        "and very large files, a device without an end; SIGHUP with a wrong one",
        "an error with line and path, exit 2; a reload keeps what was",
        (
            "config/test_invalid.py",
            "config/test_nonsense.py::test_wrong_configurations",
            "config/test_nonsense.py::test_wrong_values",
            "service/test_reload.py",
        ),
    ),
    Row(
        24,
        "provisioning Grafana",
        "twice, killed at any write, edited by hand, two at once, against a stub of its API",
        "the second run writes nothing; it comes to its end; what people made stays",
        (
            "monitoring/grafana/test_sync.py",
            "monitoring/grafana/test_killed_halfway.py",
            "monitoring/grafana/test_others.py",
            "monitoring/grafana/test_only_one.py",
        ),
    ),
    Row(
        25,
        "soak",
        "5,000 cycles of poll, measurement, scrape and page by the clock of five months, against a "
        "desk that changes in each and has five months behind it, so that all that is kept of some "
        "months is full before the first look; without the daily sweep; as many as SOAK_CYCLES "
        "says",
        "memory grows under 5 % after the first fifth; threads, descriptors and WAL not at all",
        ("reliability/test_soak.py",),
    ),
    Row(
        26,
        "speed",
        "stores of 100,000 and 1,000,000 tickets and as many calls, measured anew, and after 100 "
        "tickets have changed",
        "a cycle with changed tickets of the last days in 100 ms, all of it in 3 s, 300 MB",
        commands=("python bench/measuring.py",),
    ),
    Row(
        27,
        "supply chain",
        "hashes of all that is installed, digests of images, licences; the stack of "
        "docker-compose.yml started by podman (`make containers`), each container looked into; "
        "`make audit` asks PyPI for known weaknesses",
        "all pinned; licences of the list; no root, no capabilities, nothing written; an alert is "
        "delivered",
        (
            "test_licences.py",
            "service/test_compose.py",
            "containers/test_stack.py",
        ),
        "known weaknesses, since a test asks no network: `make audit`",
    ),
    Row(
        28,
        "changed code is noticed",
        "mutants of business time and measuring; branch coverage",
        "95 % of mutants killed; 100 % of the pure packages, 95 % of all",
        lacks="mutants, which take over an hour: `make mutation` (docs/mutation.md)",
        commands=("make coverage",),
    ),
)

NOT_ON_A_MACHINE = (
    "**Power loss.** kill -9 takes a process away and leaves the kernel's cache. What a disk "
    "promises after fsync and does not hold can only be tried with a virtual machine or "
    "dm-flakey. The store asks for `synchronous=FULL` (SQLite) and PostgreSQL's `fsync`.",
    "**Clocks of several hosts.** Both collectors of row 4 have this machine's clock. The lease "
    "takes its time from the database; with SQLite that is the same clock again.",
    "**A network between hosts.** The proxy is on loopback: no lost packets below TCP, no address "
    "that vanishes with its machine. Kernel timeouts (keepalives, tcp_user_timeout) are set and "
    "read back, not waited for.",
    "**A network file system.** SQLite in WAL mode cannot be shared by hosts; docs/operations.md "
    "says so.",
    "**A day.** The soak of row 25 runs in fast time: months by the clock, minutes by the "
    "machine. What only grows with time that really passes would not be seen.",
)
