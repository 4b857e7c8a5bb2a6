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
home-title = Web statistics, kept with a policy that is executed
home-lead = This installation of Anturazh counts visits for an agency's clients. Each site has a list of what may be collected; what is not on it is never stored.
home-staff = People who work with the figures sign in to see them.
home-visitor = If you came here from a site that is counted: no name, address or e-mail is known here, and nothing follows you to other sites.
sites-title = Sites
sites-lead = Visitors of the last seven days, against the seven days before.
sites-none = No site is counted here yet. Add one on the command line: anturazh site add DOMAIN --client ID
sites-no-visits = No visits yet
count-visitors = { $figure } { $count ->
    [one] visitor
   *[other] visitors
 }
