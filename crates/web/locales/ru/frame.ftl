brand = Антураж
brand-home = – главная страница
skip = К содержанию
all-sites = Все сайты
settings = Настройки этого сайта
sign-in = Войти
sign-out = Выйти
colophon-no-cookies = Просмотр этой страницы не ставит куки.
colophon-sign-in = Эта страница ставит одну куку: она защищает форму и исчезает вместе с браузером.
colophon-own = Ничто на этой странице не загружено с чужих серверов.
sites-title = Сайты
sites-lead = Посетители за последние семь дней в сравнении с предыдущими семью.
sites-none = Здесь пока не считают ни одного сайта. Добавьте его в командной строке: anturazh site add DOMAIN --client ID
sites-no-visits = Посещений пока нет
count-visitors = { $figure } { $count ->
    [one] посетитель
    [few] посетителя
   *[many] посетителей
 }
