//! Notifications in chats.

use k8s_openapi::api::core::v1::SecretKeySelector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::HttpConfig;
use crate::apis::victoriametrics::loose;

/// Telling by Slack.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Slack {
    /// Whether the end of alerts is told of too.
    pub send_resolved: Option<bool>,
    /// The key of a secret that holds the address of Slack's webhook.
    pub api_url: Option<SecretKeySelector>,
    /// The channel or the user to tell.
    pub channel: Option<String>,
    /// The name to write under.
    pub username: Option<String>,
    /// The emoji to write under.
    pub icon_emoji: Option<String>,
    /// The address of the picture to write under.
    pub icon_url: Option<String>,
    /// Whether names and channels in the text become links.
    pub link_names: Option<bool>,
    /// The colour of the bar beside the message: good, warning, danger or one as #439FE0.
    pub color: Option<String>,
    /// The text before the message.
    pub pretext: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The address that the title links to.
    pub title_link: Option<String>,
    /// The text.
    pub text: Option<String>,
    /// The text for where the message cannot be shown whole.
    pub fallback: Option<String>,
    /// The text below the message.
    pub footer: Option<String>,
    /// Names with values below the text.
    pub fields: Option<Vec<SlackField>>,
    /// Whether fields are narrow enough to stand side by side.
    pub short_fields: Option<bool>,
    /// The address of a picture to show.
    pub image_url: Option<String>,
    /// The address of a small picture to show.
    pub thumb_url: Option<String>,
    /// The parts whose text has Slack's markup, such as text or pretext.
    pub mrkdwn_in: Option<Vec<String>>,
    /// The id that Slack gives back when a button is pressed.
    pub callback_id: Option<String>,
    /// Buttons below the message.
    pub actions: Option<Vec<SlackAction>>,
    /// How to connect to Slack.
    #[schemars(extend("x-changes" = (loose::always())))]
    pub http_config: Option<HttpConfig>,
}

/// A name with a value below a message.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SlackField {
    /// The name.
    #[schemars(length(min = 1))]
    pub title: String,
    /// The value.
    #[schemars(length(min = 1))]
    pub value: String,
    /// Whether it is narrow enough to stand beside another.
    pub short: Option<bool>,
}

/// A button below a message.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SlackAction {
    /// What it is: button.
    #[serde(rename = "type")]
    #[schemars(length(min = 1))]
    pub kind: String,
    /// What stands on it.
    #[schemars(length(min = 1))]
    pub text: String,
    /// The address that it leads to.
    pub url: Option<String>,
    /// How it looks: default, primary or danger.
    pub style: Option<String>,
    /// The name that Slack gives back when it is pressed.
    pub name: Option<String>,
    /// The value that Slack gives back when it is pressed.
    pub value: Option<String>,
    /// A question before it does what it does.
    pub confirm: Option<SlackConfirm>,
}

/// A question before a button does what it does.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SlackConfirm {
    /// The question.
    #[schemars(length(min = 1))]
    pub text: String,
    /// What stands above it.
    pub title: Option<String>,
    /// The word for yes.
    pub ok_text: Option<String>,
    /// The word for no.
    pub dismiss_text: Option<String>,
}

/// Telling by Telegram.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Telegram {
    /// Whether the end of alerts is told of too.
    pub send_resolved: Option<bool>,
    /// The key of a secret that holds the bot's token.
    pub bot_token: SecretKeySelector,
    /// The number of the chat.
    pub chat_id: isize,
    /// The text.
    pub message: Option<String>,
    /// The markup of the text: MarkdownV2, Markdown or HTML. None where it is empty.
    #[schemars(extend("x-changes" = [
        {"until": "0.27.2", "schema": {"enum": ["MarkdownV2", "Markdown", "Markdown"]}},
    ]))]
    pub parse_mode: Option<String>,
    /// Sends without a sound.
    pub disable_notifications: Option<bool>,
    /// The address of Telegram's API, where it is not the usual one.
    pub api_url: Option<String>,
    /// How to connect to Telegram.
    #[schemars(extend("x-changes" = (loose::always())))]
    pub http_config: Option<HttpConfig>,
}

/// Telling by WeChat.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WeChat {
    /// Whether the end of alerts is told of too.
    pub send_resolved: Option<bool>,
    /// The company's id.
    pub corp_id: Option<String>,
    /// The number of the application that sends.
    pub agent_id: Option<String>,
    /// The key of a secret that holds the application's secret.
    pub api_secret: Option<SecretKeySelector>,
    /// The address of WeChat's API, where it is not the usual one.
    pub api_url: Option<String>,
    /// The users to tell.
    pub to_user: Option<String>,
    /// The departments to tell.
    pub to_party: Option<String>,
    /// The tags of users to tell.
    pub to_tag: Option<String>,
    /// The text.
    pub message: Option<String>,
    /// What the text is: text or markdown.
    pub message_type: Option<String>,
    /// How to connect to WeChat.
    pub http_config: Option<HttpConfig>,
}
