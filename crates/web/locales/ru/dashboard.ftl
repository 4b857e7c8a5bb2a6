figures = Показатели за период
bar = Период, сравнение и фильтры
live = { $count ->
    [0] сейчас никого
    [one] { $figure } посетитель сейчас
    [few] { $figure } посетителя сейчас
   *[many] { $figure } посетителей сейчас
 }
live-about = Посетители за последние пять минут
period = Период
period-today = Сегодня
period-yesterday = Вчера
period-days = { $count ->
    [one] Последний { $count } день
    [few] Последние { $count } дня
   *[many] Последние { $count } дней
 }
period-month = Этот месяц
period-year = Этот год
period-all = Всё время
period-from = С
period-to = По, включительно
period-show = Показать эти дни
period-before = Предыдущий период
period-after = Следующий период
compare = Сравнение
compare-previous = к прошлому периоду
compare-year = к прошлому году
compare-no = Без сравнения
compared = Сравнение
filters = Фильтры
filter-add = + Фильтр
filter-what = Что
filter-how = Как
filter-value = Значение
filter-hint = Страны и языки — названием или кодом (Германия, DE). Несколько значений разделите точкой с запятой.
filter-apply = Применить
filter-remove = Убрать фильтр
or = или
operator-is = –
operator-is-not = не
operator-contains = содержит
operator-contains-not = не содержит
change-more = на { $figure } больше
change-fewer = на { $figure } меньше
change-longer = на { $figure } дольше
change-shorter = на { $figure } короче
change-higher = на { $figure } выше
change-lower = на { $figure } ниже
change-points-up = на { $figure } п. п. выше
change-points-down = на { $figure } п. п. ниже
change-none = без изменений
change-unknown = не с чем сравнить
change-before = Было: { $figure }
chart-unfinished = ещё не закончено
chart-label = { $metric }, по точкам
chart-about = График: { $metric }. Те же данные – в таблице ниже.
chart-as-table = То же таблицей
week-of = Неделя с { $day }
by-hour = Часы
by-day = Дни
by-week = Недели
by-month = Месяцы
interval-hour = Час
interval-day = День
interval-week = Неделя
interval-month = Месяц
flag-manifest = Изменён состав собираемого (версия { $version })
group-origin = Откуда
group-what = Что
group-who = Кто
group-with = С чего
group-done = Действия и цели
group-sold = Покупки
share = Доля
rows-all = Все строки
rows-title = { $tab } · { $site }
rows-back = К сводке
rows-search = Поиск
rows-panel = Список
rows-show = Показать
rows-csv = Скачать CSV
rows-of = { $from }–{ $to } из { $total }
rows-next = Дальше
rows-previous = Назад
rows-sort = Упорядочить по столбцу «{ $column }»
rows-none = Ни одной подходящей строки.
nothing = За этот период ничего нет.
nothing-terms = За этот период поисковых слов нет. Большинство поисковиков их больше не передаёт; те, что передают, появятся здесь.
nothing-campaigns = За этот период кампаний нет. Добавьте utm_campaign к ссылкам, за которые платите или которые рассылаете, и они появятся здесь.
nothing-places = За этот период неизвестно. Для регионов и городов нужна база мест, которую добавляет оператор.
nothing-goals = Цели не достигнуты или не заданы. Цели задаются в настройках сайта.
nothing-actions = За этот период действий нет. Страница сообщает о них вызовом anturazh("signup") или атрибутом data-anturazh-event.
nothing-searches = На сайте никто не искал, или за поиском не следят.
nothing-products = За этот период ничего не куплено, или сайт не передаёт состав заказов.
refunds = Возвраты
refunds-about = Возвращённая сумма и число возвратов за период.
carts-left = Брошенные корзины
carts-left-about = Визиты, в которых товар положили в корзину (действие add_to_cart), но ничего не купили.
foot = Об этих цифрах
foot-collected = Что здесь собирают
foot-door = На входе сегодня
foot-fresh = Свежесть и точность
collected-all = Всё, что знает реестр видов данных.
collected-but = Всё, кроме: { $types }.
collected-only = Только: { $types }.
collected-ip-none = Сетевые адреса не хранятся.
collected-ip-truncated = Сетевые адреса хранятся без последней части.
collected-ip-full = Сетевые адреса хранятся целиком.
collected-version = Версия { $version } манифеста сайта.
collected-change = Изменить
door-accepted = Принято
door-stripped = из них урезано
door-dropped = Отклонено
fresh = По состоянию на { $time } ({ $zone }); события учитываются, как только записаны на диск.
exact = Уникальные посетители сосчитаны точно.
estimated = Уникальные посетители отчасти оценены.
rows-read = { $count ->
    [one] Прочитано { $figure } событие.
    [few] Прочитано { $figure } события.
   *[many] Прочитано { $figure } событий.
 }
warning-other-currencies = { $count ->
    [one] { $count } заказ в другой валюте не вошёл в выручку ({ $currency }).
    [few] { $count } заказа в других валютах не вошли в выручку ({ $currency }).
   *[many] { $count } заказов в других валютах не вошли в выручку ({ $currency }).
 }
warning-bad-pattern = Образец одного из фильтров не читается и ничему не соответствует.
why = Почему такие цифры
why-period = Период
why-period-about = { $days }, по часам { $zone }.
why-no-filters = Нет.
why-door = Не учтено
why-door-about = Роботы, свои посещения, известный спам и то, что запрещает манифест, отклоняются на входе и сосчитаны выше; ни в одну цифру они не входят.
first-title = { $site }: всё готово к подсчёту
first-lead = Три шага, около двух минут. Первое посещение эта страница заметит сама.
first-put = Поставьте это на каждую страницу
first-put-about = Перед закрывающим тегом head. Вторая строка считает посетителей без скриптов.
first-open = Откройте любую страницу сайта
first-open-about = В браузере без блокировщика рекламы и с адреса, который не исключён как свой.
first-wait = Первое посещение появится здесь
first-waiting = Ждём первого обращения…
first-refused = Обращения были, но сегодня отклонены:
copy = Скопировать
copied = Скопировано
address-misread = Не понято в адресе и пропущено: { $names }.
welcome-came = Первое обращение пришло { $time }: сайт считается.
welcome-whole = Убирать из пришедшего ничего не пришлось.
welcome-stripped = { $count ->
    [one] Из { $figure } сегодняшнего обращения
   *[other] Из { $figure } сегодняшних обращений
 } манифест убрал то, что не хранится: { $types }.
why-door-none = За эти дни ничего не отклонено.
why-door-period = { $count ->
    [one] За эти дни отклонено { $figure } обращение
    [few] За эти дни отклонено { $figure } обращения
   *[other] За эти дни отклонено { $figure } обращений
 }: { $reasons }.
