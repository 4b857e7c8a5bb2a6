figures = Figures of the period
bar = Period, comparison and filters
live = { $count ->
    [0] nobody here now
    [one] { $figure } visitor now
   *[other] { $figure } visitors now
 }
live-about = Visitors of the last five minutes
period = Period
period-today = Today
period-yesterday = Yesterday
period-days = { $count ->
    [one] Last day
   *[other] Last { $count } days
 }
period-month = This month
period-year = This year
period-all = All time
period-from = From
period-to = To, inclusive
period-show = Show these days
period-before = The period before
period-after = The period after
compare = Comparison
compare-previous = vs previous period
compare-year = vs a year before
compare-no = No comparison
compared = Compared
filters = Filters
filter-add = + Filter
filter-what = What
filter-how = How
filter-value = Value
filter-hint = Countries and languages by name or code (Germany, DE). Several values: separate them with semicolons.
filter-apply = Apply
filter-remove = Remove the filter
or = or
operator-is = is
operator-is-not = is not
operator-contains = contains
operator-contains-not = does not contain
change-more = { $figure } more
change-fewer = { $figure } fewer
change-longer = { $figure } longer
change-shorter = { $figure } shorter
change-higher = { $figure } higher
change-lower = { $figure } lower
change-points-up = { $figure } pp higher
change-points-down = { $figure } pp lower
change-none = no change
change-unknown = nothing to compare with
change-before = Before: { $figure }
chart-unfinished = not over yet
chart-label = { $metric }, point by point
chart-about = Chart: { $metric }. The table below has the same data.
chart-as-table = The same as a table
week-of = Week of { $day }
by-hour = Hours
by-day = Days
by-week = Weeks
by-month = Months
interval-hour = Hour
interval-day = Day
interval-week = Week
interval-month = Month
flag-manifest = What is collected changed (version { $version })
group-origin = Where from
group-what = What
group-who = Who
group-with = With what
group-done = Actions and goals
group-sold = Purchases
share = Share
rows-all = All rows
rows-title = { $tab } · { $site }
rows-back = Back to the dashboard
rows-search = Search
rows-panel = List
rows-show = Show
rows-csv = Download as CSV
rows-of = { $from }–{ $to } of { $total }
rows-next = Next
rows-previous = Previous
rows-sort = Sort by { $column }
rows-none = No row fits.
nothing = Nothing in this period.
nothing-terms = No search words in this period. Most search engines no longer pass them on; those that do appear here.
nothing-campaigns = No campaign in this period. Add utm_campaign to the links you pay for or send out, and they appear here.
nothing-places = Not known in this period. Regions and cities need a place database that the operator adds.
nothing-goals = No goal was reached, or none is set. Goals are set in the site's settings.
nothing-actions = No action in this period. A page sends one with anturazh("signup") or a data-anturazh-event attribute.
nothing-searches = Nobody searched on the site, or its search is not followed.
nothing-products = No product was bought in this period, or the site does not send the goods of its orders.
refunds = Refunds
refunds-about = Amount given back and the number of refunds in this period.
carts-left = Carts left
carts-left-about = Visits in which something was put into the cart (action add_to_cart) and nothing was bought.
foot = About these figures
foot-collected = Collected here
foot-door = At the door today
foot-fresh = Freshness and exactness
collected-all = Everything that the register of data types knows.
collected-but = Everything but: { $types }.
collected-only = Only: { $types }.
collected-ip-none = Network addresses are not kept.
collected-ip-truncated = Network addresses are kept without their last part.
collected-ip-full = Network addresses are kept whole.
collected-version = Version { $version } of the site's manifest.
collected-change = Change
door-accepted = Accepted
door-stripped = of them stripped
door-dropped = Dropped
fresh = As of { $time } ({ $zone }); events count as soon as they are on disk.
exact = Distinct visitors are counted exactly.
estimated = Distinct visitors are estimated in part.
rows-read = { $count ->
    [one] { $figure } event was read.
   *[other] { $figure } events were read.
 }
warning-other-currencies = { $count ->
    [one] One order in another currency is not in the revenue ({ $currency }).
   *[other] { $count } orders in other currencies are not in the revenue ({ $currency }).
 }
warning-bad-pattern = A filter's pattern cannot be read and fits nothing.
why = Why these numbers
why-period = Period
why-period-about = { $days }, by the clock of { $zone }.
why-no-filters = None.
why-door = Left out
why-door-about = Robots, own traffic, known spam and what the manifest denies are refused at the door and counted above; they are in no figure.
first-title = { $site } is ready to be counted
first-lead = Three steps, about two minutes. This page notices the first visit by itself.
first-put = Put this on every page
first-put-about = Before the closing head tag. The second line counts visitors without scripts.
first-open = Open a page of the site
first-open-about = In a browser without an ad blocker, from an address that is not excluded as your own.
first-wait = The first visit appears here
first-waiting = Waiting for the first hit…
first-refused = Hits have arrived and were refused today:
copy = Copy
copied = Copied
address-misread = Not understood in this address and left out: { $names }.
welcome-came = The first hit came on { $time }: this site is being counted.
welcome-whole = Nothing had to be taken from what came.
welcome-stripped = { $count ->
    [one] From one hit
   *[other] From { $figure } hits
 } today the manifest took what is not to be kept: { $types }.
why-door-none = In these days nothing was refused.
why-door-period = { $count ->
    [one] In these days one hit was refused
   *[other] In these days { $figure } hits were refused
 }: { $reasons }.
