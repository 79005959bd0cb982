package script;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.AuthApi;
import org.openapitools.client.api.ConversationsApi;
import org.openapitools.client.api.GuestsApi;
import org.openapitools.client.api.MessagesApi;
import org.openapitools.client.api.TasksApi;
import org.openapitools.client.api.WebchatApi;
import org.openapitools.client.auth.HttpBearerAuth;
import org.openapitools.client.model.ConversationItem;
import org.openapitools.client.model.Guest;
import org.openapitools.client.model.GuestBulk;
import org.openapitools.client.model.GuestCreate;
import org.openapitools.client.model.GuestList;
import org.openapitools.client.model.GuestResult;
import org.openapitools.client.model.Login;
import org.openapitools.client.model.Message;
import org.openapitools.client.model.MessageCreate;
import org.openapitools.client.model.Session;
import org.openapitools.client.model.Task;
import org.openapitools.client.model.TaskCreate;
import org.openapitools.client.model.TaskItem;
import org.openapitools.client.model.TaskPatch;
import org.openapitools.client.model.VisitorMessageCreate;
import org.openapitools.client.model.VisitorSessionCreate;

/** A day of a hotel through the client that openapi-generator makes for Java. Prints a line a step; any difference ends it. */
public final class Script {
    private static final Set<String> GONE = Set.of("sent", "delivered", "read");

    interface Call {
        Object made() throws ApiException;
    }

    private static ApiClient client(String token) {
        ApiClient made = new ApiClient().setBasePath(System.getenv("JACK_URL"));
        if (token != null) { // setBearerToken() alone knows the first of the two schemes
            ((HttpBearerAuth) made.getAuthentication("staff")).setBearerToken(token);
            ((HttpBearerAuth) made.getAuthentication("visitor")).setBearerToken(token);
        }
        return made;
    }

    private static void check(boolean so, Object what) {
        if (!so) throw new AssertionError(String.valueOf(what));
    }

    private static ApiException refused(int status, String code, Call call) {
        try {
            throw new AssertionError("not refused with " + status + ": " + call.made());
        } catch (ApiException error) {
            check(error.getCode() == status, error.getCode());
            JsonObject body = JsonParser.parseString(error.getResponseBody()).getAsJsonObject();
            String said = body.getAsJsonObject("error").get("code").getAsString();
            check(said.equals(code), said);
            return error;
        }
    }

    public static void main(String[] words) throws Exception {
        Login known = new Login().email(System.getenv("JACK_EMAIL")).password(System.getenv("JACK_PASSWORD"));
        Session session = new AuthApi(client(null)).logIn(known).execute().getData();
        check("admin".equals(session.getUser().getRole()), session);
        ApiClient staff = client(session.getToken());
        GuestsApi guests = new GuestsApi(staff);
        TasksApi tasks = new TasksApi(staff);
        System.out.println("ok sign in");

        List<String> tags = List.of("interop");
        GuestCreate body = new GuestCreate().name("María").phone("+34 600 123 456").tags(tags);
        Guest maria = guests.createGuest(body).execute().getData();
        check("+34600123456".equals(maria.getPhone()), maria);
        check(maria.getEmail() == null, maria);
        GuestBulk several = new GuestBulk();
        for (int number = 0; number < 25; number++) {
            several.addItemsItem(new GuestCreate().name(String.format("Guest %02d", number)).tags(tags));
        }
        List<GuestResult> results = guests.createGuests(several).execute().getData();
        check(results.size() == 25, results.size());
        check(results.stream().allMatch(result -> result.getSuccess() && result.getData() != null), results);
        TaskCreate towels = new TaskCreate().title("Extra towels").department("housekeeping");
        towels.priority(TaskCreate.PriorityEnum.URGENT).guestId(maria.getId());
        Task task = tasks.createTask(towels).execute().getData();
        System.out.println("ok create");

        List<TaskItem> found =
                tasks.listTasks()
                        .status(List.of("open"))
                        .priority(List.of("urgent"))
                        .department("housekeeping")
                        .execute()
                        .getData();
        check(found.size() == 1 && found.get(0).getId().equals(task.getId()), found);
        check(guests.listGuests().search("MARIA").tag(tags).execute().getMeta().getTotal() == 1, "search");
        System.out.println("ok list with filters");

        List<String> seen = new ArrayList<>();
        for (int page = 1, pages = 1; page <= pages; page++) {
            GuestList part = guests.listGuests().page(page).limit(10).tag(tags).execute();
            part.getData().forEach(guest -> seen.add(guest.getId()));
            pages = part.getMeta().getPages();
        }
        check(seen.size() == 26 && new HashSet<>(seen).size() == 26, seen);
        System.out.println("ok page through all");

        String visitor =
                new WebchatApi(client(null))
                        .beginVisitorSession(new VisitorSessionCreate().name("Ana"))
                        .execute()
                        .getData()
                        .getToken();
        VisitorMessageCreate question = new VisitorMessageCreate().content("Is the pool open?");
        new WebchatApi(client(visitor)).sendVisitorMessage(question.clientMessageId("question-1")).execute();
        ConversationsApi conversations = new ConversationsApi(staff);
        ConversationItem chat =
                conversations.listConversations().status("open").channel("web").execute().getData().get(0);
        MessageCreate answer = new MessageCreate().content("Until 10 PM.").type(MessageCreate.TypeEnum.TEXT);
        Message said = conversations.sendMessage(chat.getId(), answer).execute().getData();
        check("staff".equals(said.getAuthor().getType()), said);
        MessagesApi messages = new MessagesApi(staff);
        for (int tries = 0; tries < 40 && !GONE.contains(said.getStatus()); tries++) {
            Thread.sleep(500);
            said = messages.getMessage(said.getId()).execute().getData();
        }
        check(GONE.contains(said.getStatus()), said);
        System.out.println("ok send");

        TaskPatch change = new TaskPatch().status(TaskPatch.StatusEnum.COMPLETED).notes("Delivered");
        check(tasks.changeTask(task.getId(), change).execute().getData().getCompletedAt() != null, "completedAt");
        System.out.println("ok complete");

        TaskCreate wrong = new TaskCreate().title("Towels").department("no-such");
        ApiException invalid = refused(400, "VALIDATION_ERROR", () -> tasks.createTask(wrong).execute());
        check(invalid.getResponseBody().contains("\"field\":\"department\""), invalid);
        System.out.println("ok 400");

        refused(404, "NOT_FOUND", () -> guests.getGuest("guest-nobody").execute());
        System.out.println("ok 404");

        ApiException limited =
                refused(
                        429,
                        "RATE_LIMITED",
                        () -> {
                            for (int count = 0; count < 201; count++) guests.listGuests().limit(1).execute();
                            return null;
                        });
        check(Integer.parseInt(limited.getResponseHeaders().get("retry-after").get(0)) >= 1, limited);
        System.out.println("ok 429");
        System.exit(0); // the HTTP client's threads would keep it for a minute
    }
}
