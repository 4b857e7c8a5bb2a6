settings-title = Settings of { $site }
saved = Saved.
save = Save
remove = Remove
settings-collection = What is collected
settings-collection-about = What is off is never stored. Every change is a new dated version, and shows as a flag on the chart.
settings-collection-save = Save as a new version
settings-note = Note on the change
settings-note-hint = Why, or on whose word. It stays in the history. May be empty.
settings-history = { $count ->
    [one] History: one version
   *[other] History: { $count } versions
 }
settings-first-version = first version
ip-none = Not kept
ip-truncated = Kept without its last part
ip-full = Kept whole
settings-goals-about = What the site wants its visitors to do. A goal counts past events as well.
goal-name = Name of the goal
goal-kind = Reached by
goal-page = a view of page
goal-action = the action
goal-what = Page pattern or name of the action
goal-hint = In pages, * stands for any part of one level, ** for anything: /shop/**/thanks
goal-add = Add the goal
settings-snippet = Snippet
settings-own = Own traffic
settings-own-about = Hits from these networks are not counted.
settings-own-label = Addresses or networks, one a line
settings-own-hint = For example 192.0.2.7 or 2001:db8::/48
settings-tokens = Tokens for programs
settings-tokens-about = A read token asks questions at /api/v2/query; a send token sends events from a server.
token-send = send events
token-read = read figures
token-name = What it is for
token-can = It may
token-create = Make a token
token-once = Copy the token now: it is shown this once.
token-revoke = Revoke
token-revoked = revoked
problem-empty = This is empty. Please fill it in.
problem-long = This is too long: { $max } characters at most.
problem-control = This has characters that are no text. Please remove them.
problem-taken = That name is taken already.
problem-network = “{ $given }” is no address or network. Write it like 192.0.2.7 or 192.0.2.0/24.
problem-pattern = A page pattern begins with / or *.
problem-other = This cannot be accepted as it is.
settings-annotations = Notes on the chart
settings-annotations-about = A release, a campaign, an outage: noted on its day, it stands on the chart as a flag for everybody who reads this site.
annotation-day = Day
annotation-text = What happened
annotation-hint = At most 120 characters. Name no person here.
annotation-add = Note it
problem-day = This is no day. Please choose one from the calendar, or write it like 2026-01-31.
problem-many = There are { $max } already. Please remove some first.
settings-scrub = What was collected before
settings-scrub-about = Switching a data type off stops its collection from now on. Here the past follows: what was kept and is denied by the manifest today is removed for good.
scrub-look = Show what would be removed
scrub-nothing = Nothing is kept that the manifest denies.
scrub-would = This would be removed:
scrub-done = This was removed:
scrub-warning = It cannot be taken back. Exports made earlier and backups are not reached; backups go when they are too old.
scrub-word = To remove it, write { $site }
scrub-word-wrong = That is not the name of this site. Nothing was removed.
scrub-take = Remove it
scrub-events = { $count ->
    [one] one whole event
   *[other] { $figure } whole events
 }
scrub-parts = { $count ->
    [one] from one event
   *[other] from { $figure } events
 }
scrub-visitors = { $count ->
    [one] one visitor recognised over several days becomes a new one each day
   *[other] { $figure } visitors recognised over several days become new ones each day
 }
