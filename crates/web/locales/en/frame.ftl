brand = Anturazh
brand-home = – home page
skip = Skip to the content
all-sites = All sites
settings = Settings of this site
sign-in = Sign in
sign-out = Sign out
colophon-no-cookies = No cookie is set by looking at this page.
colophon-sign-in = This page sets one cookie, which protects the form and goes with the browser.
colophon-own = Nothing on this page comes from another server.
sites-title = Sites
sites-lead = Visitors of the last seven days, against the seven days before.
sites-none = No site is counted here yet. Add one on the command line: anturazh site add DOMAIN --client ID
sites-none-given = No site is open to you yet. An owner gives you sites, in the console under “Staff”.
sites-no-visits = No visits yet
count-visitors = { $figure } { $count ->
    [one] visitor
   *[other] visitors
 }
