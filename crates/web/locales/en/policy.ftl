clause-p1-title = We count visits, not people
clause-p1-short = The technical data of a visit tell us how a site is used. They never tell us who you are.
clause-p1 = When you visit a site, a computer tells the other one some technical data: the IP address, the provider it belongs to, the kind of computer, the browser. We collect these without identifying anyone.

    We use them for two things only: to understand which advertising works, and to make the site better. Each kind of data can be switched off, for our own site and for each client's site; what is off is not stored.
clause-p2-title = What you tell us about yourself is up to you
clause-p2-short = Name, company, contacts: you give them if you want, for one purpose that stands beside the field.
clause-p2 = We ask for your name, your postal address, your position in the company, how to reach you, and the range of advertising spend. We ask so that we can provide a service, answer an enquiry or help a customer – and for nothing else.

    Every one of these fields is optional, and every form takes them empty. Spend is one of a few ranges, never an amount. With each value we keep where it came from: the form, the purpose, the legal basis, the wording you saw, and the time.
clause-p3-title = Nothing is sold, rented or handed on
clause-p3-short = What we collect stays with us. Before anything leaves, it is written down what, to whom and why.
clause-p3 = { $agency } alone owns what it collects here. We do not sell it, rent it or pass it on, except as this policy says.

    Whatever leaves us – a letter, an export, a release of figures – is written into a ledger before it goes: which kind of data, to whom, for what. You can ask for the part that is about you.
clause-p4-title = Data stay as long as there is a reason, and then they go
clause-p4-short = Each value has a computed end: the contract, the law, a dispute. After it the value is destroyed.
clause-p4 = We keep data while our contract runs, and after it as long as the service, a law, a dispute or our agreement with you needs.

    The end is computed for every value, and deletion happens by itself. Whoever stops a deletion, because of a dispute for example, does so under their name, with a reason and a date on which it is looked at again.
clause-p5-title = Your data are locked, and few have a key
clause-p5-short = Everything that identifies you is encrypted under a key of your own. Each reading is recorded.
clause-p5 = Accepted technical standards protect your data from loss, misuse and access by those who have no business with them. What identifies you is encrypted, under a key that belongs to you alone.

    Members of our staff reach it only while they work on a particular task that needs it, and only the part that the task needs. Each reading is recorded in a log that cannot be changed unnoticed, and you can see who read your data, when and for what.
clause-p6-title = Ask, correct, delete: answered within 30 days
clause-p6-short = A plain e-mail or a short form is enough. We answer within 30 days at the latest.
clause-p6 = You can have your data corrected, updated or deleted at any time, and you can ask what we hold about you. An e-mail is enough; so is the form “Your data, your rights”. You need no account and no reason.

    We answer within 30 days at the latest, and sooner where a law says so. First we make sure that it is you, by writing to the address we already have. What is deleted is deleted everywhere, backups included, and you get a certificate that says by when.
clause-p7-title = IP addresses are never tied to you
clause-p7-short = They serve trends and upkeep, in sum. No address meets a name here.
clause-p7 = We use IP addresses to see trends, to run the site, to understand how visitors move through it, and to gather broad figures such as countries and regions.

    They are never linked with anything that identifies you; the two kinds of data are kept apart and have nothing in common by which they could be joined. IP data leave us in two cases only: to contractors who do this analysis for us, and to third parties for research and reports about these services.
clause-p8-title = Cookies are a convenience, and you may refuse
clause-p8-short = Looking around sets no cookie. Refuse them all, and everything but being remembered still works.
clause-p8 = Cookies make this site more convenient: it can remember that you are signed in, and your settings. A cookie is set when you choose that, and never before.

    A cookie is never tied to anything that identifies you while you are on the site. You may refuse all of them, in your browser or by Global Privacy Control: everything works except being remembered. Every cookie that can exist is listed on the page “Cookies”.
clause-p9-title = Helpers get your name and e-mail, nothing more
clause-p9-short = Who sends letters for us gets a name and an address, for that letter, and keeps nothing.
clause-p9 = Some services are carried out for us by others, the sending of letters for example. Those who do it receive your name and your e-mail address, and nothing else.

    They may use them for that one service only, and may keep nothing for themselves. What they receive expires, and they confirm that it is deleted.
clause-p10-title = Partners may see crowds, never a person
clause-p10-short = Figures that we pass on are sums over groups large enough for nobody to be seen.
clause-p10 = We may give partners figures about our visitors as a whole: countries, kinds of computers, interests. No individual can be recognised in them.

    Groups below a fixed size are left out, together with whatever would let them be worked out, and a little noise makes it impossible to single anyone out by comparing two reports.
clause-p11-title = On clients' sites, the client decides
clause-p11-short = We count for our clients on their instruction: they say which kinds of data, and we keep to it.
clause-p11 = When { $agency } counts visits for a client, it acts as that client's agent. The client says which kinds of data are collected – which search engine a visitor came from, for example, or what was bought – and nothing else is stored.

    Page views or chosen actions on the client's site are counted, with a cookie that stays for longer, so that a browser that returns is recognised. What is counted for one client is never shown to another.
clause-p12-title = Your words are published only when you say so
clause-p12-short = A testimonial appears after its author agreed by e-mail to exactly that text and name.
clause-p12 = A testimonial can contain personal data, such as your name and your company. We publish it only after you have agreed by e-mail, to exactly the words and details that will be seen.

    You can take that back at any time; then the testimonial goes.
clause-p13-title = No change behind your back
clause-p13-short = A change is announced before it takes effect. New uses of your data need your yes.
clause-p13 = If this policy changes, we say so on the main page. All versions stay readable.

    If we want to use data that identify you in a new way, we tell you before it begins, by e-mail or by a notice that cannot be overlooked, and you choose whether to allow it. Silence means no.
