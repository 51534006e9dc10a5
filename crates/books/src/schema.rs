//! The schema's migrations, in order, as part of the program.

use base::db::migrate::Migration;

/// Every migration there is. A finished one is never edited: the next number changes what it made.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "spine", sql: include_str!("../../../migrations/0001_spine.sql") },
    Migration { version: 2, name: "watch", sql: include_str!("../../../migrations/0002_watch.sql") },
    Migration { version: 3, name: "networks", sql: include_str!("../../../migrations/0003_networks.sql") },
    Migration { version: 4, name: "keys", sql: include_str!("../../../migrations/0004_keys.sql") },
    Migration { version: 5, name: "sequence", sql: include_str!("../../../migrations/0005_sequence.sql") },
    Migration { version: 6, name: "plans", sql: include_str!("../../../migrations/0006_plans.sql") },
    Migration { version: 8, name: "bulk", sql: include_str!("../../../migrations/0008_bulk.sql") },
    Migration { version: 10, name: "settings", sql: include_str!("../../../migrations/0010_settings.sql") },
    Migration { version: 11, name: "holds", sql: include_str!("../../../migrations/0011_holds.sql") },
    Migration { version: 12, name: "lookup", sql: include_str!("../../../migrations/0012_lookup.sql") },
    Migration { version: 13, name: "counts", sql: include_str!("../../../migrations/0013_counts.sql") },
    Migration { version: 14, name: "consumer", sql: include_str!("../../../migrations/0014_consumer.sql") },
    Migration { version: 16, name: "jit", sql: include_str!("../../../migrations/0016_jit.sql") },
    Migration { version: 17, name: "webhooks", sql: include_str!("../../../migrations/0017_webhooks.sql") },
    Migration {
        version: 20,
        name: "lookup_month",
        sql: include_str!("../../../migrations/0020_lookup_month.sql"),
    },
    Migration { version: 21, name: "lists", sql: include_str!("../../../migrations/0021_lists.sql") },
    Migration {
        version: 22,
        name: "deliveries",
        sql: include_str!("../../../migrations/0022_deliveries.sql"),
    },
    Migration { version: 23, name: "queues", sql: include_str!("../../../migrations/0023_queues.sql") },
    Migration { version: 24, name: "messages", sql: include_str!("../../../migrations/0024_messages.sql") },
    Migration {
        version: 25,
        name: "event_bodies",
        sql: include_str!("../../../migrations/0025_event_bodies.sql"),
    },
    Migration {
        version: 26,
        name: "message_by_name",
        sql: include_str!("../../../migrations/0026_message_by_name.sql"),
    },
    Migration { version: 30, name: "plans_run", sql: include_str!("../../../migrations/0030_plans_run.sql") },
    Migration {
        version: 31,
        name: "test_clock",
        sql: include_str!("../../../migrations/0031_test_clock.sql"),
    },
    Migration {
        version: 32,
        name: "authorizations",
        sql: include_str!("../../../migrations/0032_authorizations.sql"),
    },
    Migration {
        version: 33,
        name: "plan_interest",
        sql: include_str!("../../../migrations/0033_plan_interest.sql"),
    },
    Migration { version: 34, name: "notices", sql: include_str!("../../../migrations/0034_notices.sql") },
    Migration { version: 35, name: "indexes", sql: include_str!("../../../migrations/0035_indexes.sql") },
    Migration { version: 36, name: "browsers", sql: include_str!("../../../migrations/0036_browsers.sql") },
    Migration {
        version: 37,
        name: "plan_replaces",
        sql: include_str!("../../../migrations/0037_plan_replaces.sql"),
    },
    Migration { version: 38, name: "fields", sql: include_str!("../../../migrations/0038_fields.sql") },
    Migration {
        version: 39,
        name: "portal_log_in",
        sql: include_str!("../../../migrations/0039_portal_log_in.sql"),
    },
    Migration {
        version: 40,
        name: "portal_looks",
        sql: include_str!("../../../migrations/0040_portal_looks.sql"),
    },
    Migration { version: 41, name: "bank", sql: include_str!("../../../migrations/0041_bank.sql") },
    Migration { version: 45, name: "ach", sql: include_str!("../../../migrations/0045_ach.sql") },
    Migration {
        version: 46,
        name: "card_funding",
        sql: include_str!("../../../migrations/0046_card_funding.sql"),
    },
    Migration {
        version: 47,
        name: "remittance",
        sql: include_str!("../../../migrations/0047_remittance.sql"),
    },
];
