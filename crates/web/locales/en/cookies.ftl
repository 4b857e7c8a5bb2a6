cookies-title = Cookies
cookies-lead = Looking around this site sets no cookie. The few that exist make something easier, are set when you choose it, and never carry anything about you. Refuse them all: everything works but being remembered.
cookies-saved-refused = Your browser has not kept the cookie, so nothing is remembered. Everything works all the same; the language stands in the addresses of pages.
cookies-saved-gpc = Your choice holds for this visit. Your browser refuses for you, so no cookie was set.
cookies-browser = What your browser says
cookies-gpc = It sends Global Privacy Control. We take that as a refusal: no cookie is set for convenience, whatever you choose here, and nothing about you is passed on. To be remembered, let your browser make an exception for this site.
cookies-no-gpc = It sends no Global Privacy Control, so you choose. If you save nothing, nothing is set; we keep no cookie to remember a refusal.
cookies-choose = Settings that you may have remembered
cookies-choose-about = Two cookies on this device, for a year. “As the browser says” removes them.
cookies-language = Language
cookies-theme = Look
cookies-as-browser = As the browser says
theme-light = Light
theme-dark = Dark
cookies-save = Remember this
cookies-forget = Forget all of it
cookies-here = Every cookie that this site can set
cookies-here-about = The list is complete: a test asks every page of this program and fails if one sets a cookie that is not here.
cookies-clients = On the sites of our clients
cookies-clients-about = This cookie belongs to the client's own site, not to us. It is set only if the client has it switched on and the visitor agreed, and never where the browser sends Global Privacy Control.
cookie-name = Name
cookie-purpose = What it is for
cookie-life = How long it stays
cookie-kind = Why it is set
cookie-own-act = Needed for what you are doing
cookie-convenience = Convenience, only if you choose it
cookie-life-browser = Until the browser is closed
cookie-life-minutes = { $count ->
    [one] One minute
   *[other] { $count } minutes
 }
cookie-life-days = { $count ->
    [one] One day
   *[other] { $count } days
 }
cookie-account = Keeps you signed in to your own account while you use it. A random number.
cookie-account-remembered = The same, if you ticked “Remember me”.
cookie-lang = Remembers the language you chose.
cookie-theme = Remembers whether you chose light or dark.
cookie-staff-form = On the sign-in page of our staff: protects the form.
cookie-staff = Keeps a member of our staff signed in. A random number.
cookie-staff-remembered = The same, if staff ticked “Stay signed in”.
cookie-visitor = Recognises a browser that comes back, so that visits and visitors can be told apart. A random number, tied to no name.
